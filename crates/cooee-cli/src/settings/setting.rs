use std::sync::Arc;

use crate::value::Kind;

/// Settings that belong together: the common ones, or those of one verb.
pub(crate) trait Section: Default + 'static {
    /// Whether every verb has these options.
    const IS_GLOBAL: bool = false;

    /// The declarations.
    fn settings() -> Vec<Setting<Self>>;
}

/// The declaration of one setting.
///
/// A setting `NAME` is the option `--NAME`, the variable `COOEE_NAME` and the key `NAME` of the
/// file. Its default is that of the section.
pub(crate) struct Setting<S> {
    pub(crate) name: &'static str,
    pub(crate) value_name: &'static str,
    /// The option of one letter that it has too.
    pub(crate) short: Option<char>,
    pub(crate) shape: Shape,
    /// What it accepts, in words that complete "expected …".
    pub(crate) takes: String,
    /// Name and help of each value, where there are but a few.
    pub(crate) choices: Vec<(&'static str, &'static str)>,
    /// The variable, where another verb has another setting of this name.
    variable: Option<&'static str>,
    /// The variable of the stock client that sets it too.
    pub(crate) stock: Option<&'static str>,
    /// Says what is wrong with one value.
    pub(crate) check: Check,
    help: String,
    bounds: String,
    default: Option<String>,
    read: Read<S>,
}

/// How many values a setting has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// One, yes or no; an option without a value is yes.
    Switch,
    /// One.
    One,
    /// Any number, separated by commas.
    List,
    /// Any number, each for itself, since it may have commas.
    Repeated,
}

type Check = Arc<dyn Fn(&str) -> Result<(), String> + Send + Sync>;

type Read<S> = Box<dyn Fn(&[String]) -> Result<Edit<S>, String>>;

/// What a value changes in a section.
pub(crate) type Edit<S> = Box<dyn FnOnce(&mut S)>;

impl<S: Section> Setting<S> {
    /// A setting that always has a value.
    pub(crate) fn one<T: Clone + 'static>(
        name: &'static str,
        value_name: &'static str,
        kind: Kind<T>,
        field: fn(&mut S) -> &mut T,
    ) -> Self {
        let default = kind.show(field(&mut S::default()));
        let assign = move |section: &mut S, value: Vec<T>| {
            if let Some(value) = value.into_iter().next_back() {
                *field(section) = value;
            }
        };
        let setting = Self::declare(name, value_name, Shape::One, kind, assign);
        Self { default: Some(default), ..setting }
    }

    /// A setting that may have no value, which [`otherwise`](Self::otherwise) explains.
    pub(crate) fn optional<T: Clone + 'static>(
        name: &'static str,
        value_name: &'static str,
        kind: Kind<T>,
        field: fn(&mut S) -> &mut Option<T>,
    ) -> Self {
        let default = field(&mut S::default()).as_ref().map(|value| kind.show(value));
        let assign =
            move |section: &mut S, value: Vec<T>| *field(section) = value.into_iter().next_back();
        let setting = Self::declare(name, value_name, Shape::One, kind, assign);
        Self { default, ..setting }
    }

    /// A setting with any number of values.
    pub(crate) fn list<T: Clone + 'static>(
        name: &'static str,
        value_name: &'static str,
        kind: Kind<T>,
        field: fn(&mut S) -> &mut Vec<T>,
    ) -> Self {
        let assign = move |section: &mut S, values| *field(section) = values;
        Self::declare(name, value_name, Shape::List, kind, assign)
    }

    /// A setting with any number of values that may have commas in them.
    pub(crate) fn repeated<T: Clone + 'static>(
        name: &'static str,
        value_name: &'static str,
        kind: Kind<T>,
        field: fn(&mut S) -> &mut Vec<T>,
    ) -> Self {
        Self { shape: Shape::Repeated, ..Self::list(name, value_name, kind, field) }
    }

    /// A setting that is on or off.
    pub(crate) fn switch(name: &'static str, field: fn(&mut S) -> &mut bool) -> Self {
        let setting = Self::one(name, "BOOL", Kind::boolean(), field);
        Self { shape: Shape::Switch, default: None, ..setting }
    }

    /// The help: an imperative, without bounds and default, which are added.
    pub(crate) fn help(self, help: impl Into<String>) -> Self {
        Self { help: help.into(), ..self }
    }

    /// What no value means.
    pub(crate) fn otherwise(self, default: impl Into<String>) -> Self {
        Self { default: Some(default.into()), ..self }
    }

    /// The option of one letter that it has too.
    pub(crate) fn short(self, letter: char) -> Self {
        Self { short: Some(letter), ..self }
    }

    /// The variable of the stock client that sets it too.
    pub(crate) fn stock(self, variable: &'static str) -> Self {
        Self { stock: Some(variable), ..self }
    }

    /// The variable, where another verb has another setting of this name.
    pub(crate) fn variable_named(self, variable: &'static str) -> Self {
        Self { variable: Some(variable), ..self }
    }

    /// The environment variable.
    pub(crate) fn variable(&self) -> String {
        if let Some(variable) = self.variable {
            return variable.into();
        }
        format!("COOEE_{}", self.name.to_uppercase().replace('-', "_"))
    }

    /// The help with bounds and default.
    pub(crate) fn whole_help(&self) -> String {
        let mut help = self.help.clone();
        if !self.bounds.is_empty() {
            help += &format!(" ({})", self.bounds);
        }
        if let Some(default) = &self.default {
            help += &format!(" [default: {default}]");
        }
        help
    }

    /// Reads the values, to be put into a section.
    pub(crate) fn read(&self, texts: &[String]) -> Result<Edit<S>, String> {
        (self.read)(texts)
    }

    fn declare<T: 'static>(
        name: &'static str,
        value_name: &'static str,
        shape: Shape,
        kind: Kind<T>,
        assign: impl Fn(&mut S, Vec<T>) + Copy + 'static,
    ) -> Self {
        let kind = Arc::new(kind);
        let checked = Arc::clone(&kind);
        Self {
            name,
            value_name,
            short: None,
            shape,
            takes: kind.takes(),
            choices: kind.choices().to_vec(),
            variable: None,
            stock: None,
            help: String::new(),
            bounds: kind.bounds().to_owned(),
            default: None,
            check: Arc::new(move |text| checked.read(text).map(drop)),
            read: Box::new(move |texts| {
                let values =
                    texts.iter().map(|text| kind.read(text)).collect::<Result<Vec<T>, _>>()?;
                Ok(Box::new(move |section: &mut S| assign(section, values)))
            }),
        }
    }
}

/// The items of a list that is written as one text; empty ones are left out.
pub(crate) fn items(text: &str) -> Vec<String> {
    text.split(',').map(str::trim).filter(|item| !item.is_empty()).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_have_commas() {
        assert_eq!(items("eth0, wlan0,"), ["eth0", "wlan0"]);
        assert!(items(" ").is_empty());
    }
}
