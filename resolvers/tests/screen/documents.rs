//! Random documents in every notation the grammar allows, written as a list of tokens.
//!
//! Choices are read from a tape of numbers. At its end every choice is 0, the plainest, so proptest shrinks a document by
//! shrinking the tape.

/// A document, and how many tokens were written.
pub(crate) struct Written {
    pub(crate) document: String,
    pub(crate) tokens: usize,
}

pub(crate) fn write(tape: &[u16]) -> Written {
    let mut writer = Writer {
        tape,
        pieces: Vec::new(),
        budget: 40,
    };
    let operations = 1 + writer.choose(3);
    let fragments = writer.choose(5);
    for operation in 0..operations {
        writer.operation((operations > 1).then_some(operation), fragments);
    }
    for fragment in 0..fragments {
        // Only those that follow are spread, so there are no circles.
        writer.one("fragment");
        writer.one(&format!("F{fragment}"));
        writer.piece("on T", 2);
        writer.directives();
        writer.set(3, fragment + 1, fragments);
    }
    writer.join()
}

struct Writer<'t> {
    tape: &'t [u16],
    /// Texts that are not torn apart, and how many tokens each is.
    pieces: Vec<(String, usize)>,
    budget: usize,
}

/// What looks like brackets, ends or comments and is none.
const TEXTS: [&str; 10] = [
    r#""""#,
    r#""a [{( b""#,
    r#""\" [{ \\""#,
    r##""# [""##,
    r#""""""""#,
    r#"""" [ " {{ "" ( """"#,
    r#""""\""" [ \"""""""#,
    "\"\"\" # [\n\r\n [ \"\"\"",
    r#""å \u00e5 [""#,
    r#""""\\ """"#,
];
const NUMBERS: [&str; 6] = ["0", "-1", "12.50", "-0.1e-7", "3E+2", "9007199254740993"];
const WORDS: [&str; 5] = ["ENUM", "true", "false", "null", "on"];
const TYPES: [(&str, usize); 4] = [("Int", 1), ("[T!]!", 5), ("[[T]]", 5), ("T!", 2)];
const GAPS: [&str; 8] = [
    " ",
    "\n",
    ",",
    "\t \r\n",
    "# a comment [{(\"\n",
    "\u{feff}",
    "#\"\"\"\r",
    " ,#}\n, ",
];
const DIRECTIVES: [&str; 3] = ["skip", "include", "d"];

impl Writer<'_> {
    /// A choice below `n`.
    fn choose(&mut self, n: usize) -> usize {
        let Some((first, rest)) = self.tape.split_first() else {
            return 0;
        };
        self.tape = rest;
        usize::from(*first) % n
    }

    fn chance(&mut self, of: usize) -> bool {
        self.choose(of) == of - 1
    }

    fn pick(&mut self, texts: &[&str]) {
        let at = self.choose(texts.len());
        self.one(texts[at]);
    }

    fn one(&mut self, text: &str) {
        self.piece(text, 1);
    }

    fn piece(&mut self, text: &str, tokens: usize) {
        self.pieces.push((text.to_owned(), tokens));
    }

    fn operation(&mut self, number: Option<usize>, fragments: usize) {
        if number.is_none() && self.choose(2) == 0 {
            return self.set(4, 0, fragments);
        }
        self.pick(&["query", "mutation", "subscription"]);
        if let Some(number) = number {
            self.one(&format!("O{number}"));
        }
        if self.chance(2) {
            self.variables();
        }
        self.directives();
        self.set(4, 0, fragments);
    }

    fn variables(&mut self) {
        self.one("(");
        for variable in 0..1 + self.choose(3) {
            self.one("$");
            self.one(&format!("v{variable}"));
            self.one(":");
            let ty = self.choose(TYPES.len());
            self.piece(TYPES[ty].0, TYPES[ty].1);
            // Here the parser wants them before the default.
            self.directives();
            if self.chance(2) {
                self.one("=");
                self.value(3, false);
            }
        }
        self.one(")");
    }

    fn directives(&mut self) {
        while self.chance(5) {
            self.one("@");
            self.pick(&DIRECTIVES);
            if self.chance(2) {
                self.arguments(false);
            }
        }
    }

    fn arguments(&mut self, vary: bool) {
        self.one("(");
        for argument in 0..1 + self.choose(2) {
            self.one(&format!("a{argument}"));
            self.one(":");
            self.value(3, vary);
        }
        self.one(")");
    }

    fn value(&mut self, depth: usize, vary: bool) {
        match self.choose(7) {
            1 => self.pick(&TEXTS),
            2 => self.pick(&WORDS),
            3 if depth > 0 => {
                self.one("[");
                (0..self.choose(4)).for_each(|_| self.value(depth - 1, vary));
                self.one("]");
            }
            4 if depth > 0 => {
                self.one("{");
                for member in 0..self.choose(3) {
                    self.one(&format!("m{member}"));
                    self.one(":");
                    self.value(depth - 1, vary);
                }
                self.one("}");
            }
            5 if vary => {
                self.one("$");
                self.one("v0");
            }
            _ => self.pick(&NUMBERS),
        }
    }

    fn set(&mut self, depth: usize, first: usize, fragments: usize) {
        self.one("{");
        for _ in 0..1 + self.choose(4) {
            self.item(depth, first, fragments);
        }
        self.one("}");
    }

    fn item(&mut self, depth: usize, first: usize, fragments: usize) {
        self.budget = self.budget.saturating_sub(1);
        let may_nest = depth > 0 && self.budget > 0;
        match self.choose(6) {
            4 if may_nest => {
                self.one("...");
                if self.chance(2) {
                    self.piece("on T", 2);
                }
                self.directives();
                self.set(depth - 1, first, fragments);
            }
            5 if first < fragments => {
                self.one("...");
                let fragment = first + self.choose(fragments - first);
                self.one(&format!("F{fragment}"));
                self.directives();
            }
            _ => self.field(may_nest.then_some(depth), first, fragments),
        }
    }

    fn field(&mut self, depth: Option<usize>, first: usize, fragments: usize) {
        let names = ["a", "b", "query", "fragment", "on", "true", "_9", "types"];
        if self.chance(3) {
            self.pick(&names);
            self.one(":");
        }
        self.pick(&names);
        if self.chance(3) {
            self.arguments(true);
        }
        self.directives();
        if let Some(depth) = depth
            && self.chance(3)
        {
            self.set(depth - 1, first, fragments);
        }
    }

    /// Puts what is ignored between the tokens, or nothing where nothing is needed.
    fn join(mut self) -> Written {
        let mut document = String::new();
        let mut tokens = 0;
        for (text, count) in std::mem::take(&mut self.pieces) {
            let touches = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '"' | '-');
            let must = document.ends_with(touches) && text.starts_with(touches);
            let gap = self.choose(GAPS.len() + 1);
            match gap.checked_sub(1) {
                Some(gap) => document.push_str(GAPS[gap]),
                None if must => document.push(' '),
                None => {}
            }
            document.push_str(&text);
            tokens += count;
        }
        Written { document, tokens }
    }
}
