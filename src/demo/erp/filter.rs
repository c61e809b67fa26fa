//! The part of the OData `$filter` language that Business Central answers for flat tables.
//!
//! `and`, `or`, parentheses, `eq ne gt ge lt le` and `in`; an OR over different columns is refused, as the real one does.

mod lexer;

use std::cmp::Ordering;
use std::collections::BTreeSet;

use self::lexer::{Token, tokens};
use super::Refusal;
use super::rows::{Cell, Field, Row, Type, unknown};

/// Deep enough for any sane filter and shallow enough for the stack.
const MAX_DEPTH: usize = 40;

/// A checked filter.
#[derive(Debug)]
pub(super) enum Filter {
    All(Vec<Filter>),
    Any(Vec<Filter>),
    Compare(usize, Operator, Literal),
    In(usize, Vec<Literal>),
}

/// A constant in a filter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Literal {
    Text(String),
    Number(rust_decimal::Decimal),
    Boolean(bool),
    /// A day or a moment as text.
    Date(String),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operator {
    Eq,
    Ne,
    Gt,
    Ge,
    Lt,
    Le,
}

/// Reads a filter over the given columns.
pub(super) fn parse(text: &str, fields: &'static [Field]) -> Result<Filter, Refusal> {
    let mut parser = Parser {
        tokens: tokens(text)?,
        at: 0,
        fields,
    };
    let filter = parser.any(0)?;
    if parser.at < parser.tokens.len() {
        return Err(parser.syntax());
    }
    Ok(filter)
}

impl Filter {
    /// Whether a row meets the filter.
    pub(super) fn meets(&self, row: &Row) -> bool {
        match self {
            Self::All(parts) => parts.iter().all(|part| part.meets(row)),
            Self::Any(parts) => parts.iter().any(|part| part.meets(row)),
            Self::Compare(column, operator, literal) => operator.holds(order(&row.cells[*column], literal)),
            Self::In(column, literals) => literals
                .iter()
                .any(|literal| order(&row.cells[*column], literal) == Some(Ordering::Equal)),
        }
    }

    /// The only texts a column may have if the filter is to be met, or `None` when it leaves that open.
    pub(super) fn texts_of(&self, column: usize) -> Option<BTreeSet<&str>> {
        match self {
            Self::All(parts) => parts.iter().find_map(|part| part.texts_of(column)),
            Self::Any(parts) => {
                let sets: Option<Vec<_>> = parts.iter().map(|part| part.texts_of(column)).collect();
                Some(sets?.into_iter().flatten().collect())
            }
            Self::Compare(compared, Operator::Eq, Literal::Text(text)) if *compared == column => {
                Some(BTreeSet::from([text.as_str()]))
            }
            Self::In(compared, literals) if *compared == column => literals
                .iter()
                .map(|literal| {
                    if let Literal::Text(text) = literal {
                        Some(text.as_str())
                    } else {
                        None
                    }
                })
                .collect(),
            _ => None,
        }
    }

    fn columns(&self, found: &mut BTreeSet<usize>) {
        match self {
            Self::All(parts) | Self::Any(parts) => parts.iter().for_each(|part| part.columns(found)),
            Self::Compare(column, ..) | Self::In(column, _) => {
                found.insert(*column);
            }
        }
    }
}

impl Operator {
    fn holds(self, order: Option<Ordering>) -> bool {
        let Some(order) = order else { return false };
        match self {
            Self::Eq => order.is_eq(),
            Self::Ne => order.is_ne(),
            Self::Gt => order.is_gt(),
            Self::Ge => order.is_ge(),
            Self::Lt => order.is_lt(),
            Self::Le => order.is_le(),
        }
    }

    fn named(word: &str) -> Option<Self> {
        Some(match word {
            "eq" => Self::Eq,
            "ne" => Self::Ne,
            "gt" => Self::Gt,
            "ge" => Self::Ge,
            "lt" => Self::Lt,
            "le" => Self::Le,
            _ => return None,
        })
    }
}

fn order(cell: &Cell, literal: &Literal) -> Option<Ordering> {
    match (cell, literal) {
        (Cell::Text(text), Literal::Text(other) | Literal::Date(other)) => Some(text.cmp(other)),
        (Cell::Number(number), Literal::Number(other)) => Some(number.cmp(other)),
        (Cell::Boolean(truth), Literal::Boolean(other)) => Some(truth.cmp(other)),
        _ => None,
    }
}

/// Recursive descent: `any` is a chain of OR, `all` a chain of AND, which binds tighter.
struct Parser {
    tokens: Vec<Token>,
    at: usize,
    fields: &'static [Field],
}

impl Parser {
    fn any(&mut self, depth: usize) -> Result<Filter, Refusal> {
        if depth > MAX_DEPTH {
            return Err(Refusal::bad("The filter is nested too deeply."));
        }
        let mut parts = vec![self.all(depth)?];
        while self.takes_word("or") {
            parts.push(self.all(depth)?);
        }
        let Some(filter) = single_or(parts, Filter::Any) else {
            return Err(self.syntax());
        };
        if let Filter::Any(_) = filter {
            let mut columns = BTreeSet::new();
            filter.columns(&mut columns);
            if columns.len() > 1 {
                return Err(Refusal::bad(
                    "The 'OR' operator is not supported on distinct fields on an OData filter.",
                ));
            }
        }
        Ok(filter)
    }

    fn all(&mut self, depth: usize) -> Result<Filter, Refusal> {
        let mut parts = vec![self.one(depth)?];
        while self.takes_word("and") {
            parts.push(self.one(depth)?);
        }
        single_or(parts, Filter::All).ok_or_else(|| self.syntax())
    }

    fn one(&mut self, depth: usize) -> Result<Filter, Refusal> {
        if self.takes(&Token::Open) {
            let inner = self.any(depth + 1)?;
            self.expect(&Token::Close)?;
            return Ok(inner);
        }
        let Some(Token::Word(name)) = self.next() else {
            return Err(self.syntax());
        };
        let column = self
            .fields
            .iter()
            .position(|field| field.name == name)
            .ok_or_else(|| unknown(&name))?;
        let Some(Token::Word(operator)) = self.next() else {
            return Err(self.syntax());
        };
        if operator == "in" {
            return Ok(Filter::In(column, self.list(column)?));
        }
        let operator = Operator::named(&operator).ok_or_else(|| self.syntax())?;
        Ok(Filter::Compare(column, operator, self.literal(column)?))
    }

    fn list(&mut self, column: usize) -> Result<Vec<Literal>, Refusal> {
        self.expect(&Token::Open)?;
        let mut literals = vec![self.literal(column)?];
        while self.takes(&Token::Comma) {
            literals.push(self.literal(column)?);
        }
        self.expect(&Token::Close)?;
        Ok(literals)
    }

    fn literal(&mut self, column: usize) -> Result<Literal, Refusal> {
        let literal = match self.next() {
            Some(Token::Literal(literal)) => literal,
            Some(Token::Word(word)) if word == "true" || word == "false" => Literal::Boolean(word == "true"),
            _ => return Err(self.syntax()),
        };
        let kind = match literal {
            Literal::Text(_) => Type::Text,
            Literal::Number(_) => Type::Number,
            Literal::Boolean(_) => Type::Boolean,
            Literal::Date(_) => Type::Date,
        };
        let field = &self.fields[column];
        if kind == field.kind {
            return Ok(literal);
        }
        let (name, expected) = (field.name, field.kind);
        Err(Refusal::bad(format!(
            "A binary operator with incompatible types was detected: '{name}' is {expected:?}, compared with {kind:?}."
        )))
    }

    fn next(&mut self) -> Option<Token> {
        let token = self.tokens.get(self.at).cloned();
        self.at += 1;
        token
    }

    fn takes(&mut self, wanted: &Token) -> bool {
        let is_there = self.tokens.get(self.at) == Some(wanted);
        self.at += usize::from(is_there);
        is_there
    }

    fn takes_word(&mut self, word: &str) -> bool {
        self.takes(&Token::Word(word.to_owned()))
    }

    fn expect(&mut self, wanted: &Token) -> Result<(), Refusal> {
        if self.takes(wanted) {
            Ok(())
        } else {
            Err(self.syntax())
        }
    }

    fn syntax(&self) -> Refusal {
        Refusal::bad(format!(
            "Syntax error at token {} of the filter.",
            self.at.min(self.tokens.len()) + 1
        ))
    }
}

fn single_or(mut parts: Vec<Filter>, several: fn(Vec<Filter>) -> Filter) -> Option<Filter> {
    if parts.len() > 1 {
        Some(several(parts))
    } else {
        parts.pop()
    }
}
