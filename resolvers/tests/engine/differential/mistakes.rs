//! Documents that are valid but for one mistake, which the specification's chapter on validation or on requests forbids.

use super::documents::Generated;

/// What is wrong, by the specification's name of the rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Mistake {
    OperationNameUniqueness,
    LoneAnonymousOperation,
    UnknownOperation,
    UnnamedOfSeveral,
    NotExecutable,
    UnknownField,
    TypenameWithArguments,
    TypenameWithFields,
    SameKeyForOtherFields,
    SameKeyForOtherArguments,
    SameKeyForOtherShapes,
    LeafWithFields,
    ObjectWithoutFields,
    EmptySelection,
    UnknownArgument,
    RepeatedArgument,
    MissingArgument,
    WrongLiteral,
    RepeatedFragment,
    FragmentOfUnknownType,
    FragmentOfLeafType,
    UnusedFragment,
    UnknownFragment,
    FragmentCycle,
    ImpossibleFragment,
    UnknownDirective,
    MisplacedDirective,
    RepeatedDirective,
    DirectiveArguments,
    RepeatedVariable,
    VariableOfOutputType,
    VariableOfUnknownType,
    WrongDefault,
    UndefinedVariable,
    UnusedVariable,
    VariableInWrongPlace,
}

impl Mistake {
    pub(crate) const ALL: [Self; 36] = [
        Self::OperationNameUniqueness,
        Self::LoneAnonymousOperation,
        Self::UnknownOperation,
        Self::UnnamedOfSeveral,
        Self::NotExecutable,
        Self::UnknownField,
        Self::TypenameWithArguments,
        Self::TypenameWithFields,
        Self::SameKeyForOtherFields,
        Self::SameKeyForOtherArguments,
        Self::SameKeyForOtherShapes,
        Self::LeafWithFields,
        Self::ObjectWithoutFields,
        Self::EmptySelection,
        Self::UnknownArgument,
        Self::RepeatedArgument,
        Self::MissingArgument,
        Self::WrongLiteral,
        Self::RepeatedFragment,
        Self::FragmentOfUnknownType,
        Self::FragmentOfLeafType,
        Self::UnusedFragment,
        Self::UnknownFragment,
        Self::FragmentCycle,
        Self::ImpossibleFragment,
        Self::UnknownDirective,
        Self::MisplacedDirective,
        Self::RepeatedDirective,
        Self::DirectiveArguments,
        Self::RepeatedVariable,
        Self::VariableOfOutputType,
        Self::VariableOfUnknownType,
        Self::WrongDefault,
        Self::UndefinedVariable,
        Self::UnusedVariable,
        Self::VariableInWrongPlace,
    ];
}

/// Makes a mistake of the document as a whole; whether there was one to make.
pub(crate) fn spoil(generated: &mut Generated, mistake: Mistake) -> bool {
    let named = generated.document.contains(" O0");
    let has_fragment = generated.document.contains("fragment F0 ");
    let mut add = |more: &str| generated.document.push_str(more);
    match mistake {
        Mistake::OperationNameUniqueness if named => add("\nquery O0 { __typename }"),
        Mistake::LoneAnonymousOperation => add("\n{ __typename }"),
        Mistake::UnknownOperation => generated.name = Some("Nope".to_owned()),
        Mistake::UnnamedOfSeveral if named => {
            add("\nquery Other { __typename }");
            generated.name = None;
        }
        Mistake::NotExecutable => add("\ntype Nope { a: Int }"),
        Mistake::RepeatedFragment if has_fragment => {
            add("\nfragment F0 on Nope { __typename }");
        }
        Mistake::UnusedFragment => add("\nfragment Unused on Node { __typename }"),
        _ => return false,
    }
    true
}
