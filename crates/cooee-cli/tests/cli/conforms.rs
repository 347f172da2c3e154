//! Whether a value is what a schema says.

use std::net::{Ipv4Addr, Ipv6Addr};

use serde_json::Value;

/// As much of JSON Schema as our schema makes use of. A keyword that is not known here panics.
pub(crate) struct Schema {
    own: Value,
    /// Those that it refers to, by the names of their files.
    others: Vec<(&'static str, Value)>,
}

impl Schema {
    /// One that refers to these others, each with the name of its file.
    pub(crate) fn of(text: &str, others: &[(&'static str, &str)]) -> Self {
        let read = |text: &str| serde_json::from_str(text).unwrap();
        let others = others.iter().map(|(name, text)| (*name, read(text))).collect();
        Self { own: read(text), others }
    }

    /// Says where and how a value differs from the schema.
    pub(crate) fn objections(&self, value: &Value) -> Vec<String> {
        self.objections_to((&self.own, &self.own), value, "")
    }

    /// The schema in a file that a reference in `file` leads to.
    fn referred<'a>(&'a self, file: &'a Value, reference: &str) -> (&'a Value, &'a Value) {
        let (name, pointer) = reference.split_once('#').unwrap();
        let named = self.others.iter().find(|(other, _)| *other == name).map(|(_, file)| file);
        let file = if name.is_empty() { file } else { named.unwrap() };
        (file, file.pointer(pointer).unwrap())
    }

    fn objections_to(
        &self,
        (file, schema): (&Value, &Value),
        value: &Value,
        at: &str,
    ) -> Vec<String> {
        if *schema == Value::Bool(false) {
            return vec![format!("{at}: {value} must not be there")];
        }
        let mut objections = Vec::new();
        for (keyword, says) in schema.as_object().unwrap() {
            let broken = || format!("{at}: {value} breaks {keyword} {says}");
            let holds = match keyword.as_str() {
                "$schema" | "$defs" | "title" | "description" | "examples" => true,
                "$ref" => {
                    let target = self.referred(file, says.as_str().unwrap());
                    objections.extend(self.objections_to(target, value, at));
                    true
                }
                "anyOf" => says
                    .as_array()
                    .unwrap()
                    .iter()
                    .any(|one| self.objections_to((file, one), value, at).is_empty()),
                "not" => !self.objections_to((file, says), value, at).is_empty(),
                "enum" => says.as_array().unwrap().contains(value),
                "type" => match says {
                    Value::String(name) => is_of_type(value, name),
                    names => names
                        .as_array()
                        .unwrap()
                        .iter()
                        .any(|n| is_of_type(value, n.as_str().unwrap())),
                },
                "format" => {
                    value.as_str().is_none_or(|text| has_format(text, says.as_str().unwrap()))
                }
                "minimum" => value.as_f64().is_none_or(|number| number >= says.as_f64().unwrap()),
                "maximum" => value.as_f64().is_none_or(|number| number <= says.as_f64().unwrap()),
                "minItems" => value
                    .as_array()
                    .is_none_or(|items| items.len() as u64 >= says.as_u64().unwrap()),
                "items" => {
                    for (n, item) in value.as_array().into_iter().flatten().enumerate() {
                        objections.extend(self.objections_to(
                            (file, says),
                            item,
                            &format!("{at}/{n}"),
                        ));
                    }
                    true
                }
                "properties" => {
                    for (name, property) in value.as_object().into_iter().flatten() {
                        if let Some(of) = says.get(name) {
                            let at = format!("{at}/{name}");
                            objections.extend(self.objections_to((file, of), property, &at));
                        }
                    }
                    true
                }
                "required" => value.as_object().is_none_or(|object| {
                    says.as_array()
                        .unwrap()
                        .iter()
                        .all(|n| object.contains_key(n.as_str().unwrap()))
                }),
                unknown => panic!("the test does not know the keyword {unknown}"),
            };
            if !holds {
                objections.push(broken());
            }
        }
        objections
    }
}

fn is_of_type(value: &Value, name: &str) -> bool {
    match name {
        "array" => value.is_array(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_u64() || value.is_i64(),
        "null" => value.is_null(),
        "number" => value.is_number(),
        "object" => value.is_object(),
        "string" => value.is_string(),
        unknown => panic!("there is no type {unknown}"),
    }
}

fn has_format(text: &str, format: &str) -> bool {
    match format {
        "ipv4" => text.parse::<Ipv4Addr>().is_ok(),
        "ipv6" => text.parse::<Ipv6Addr>().is_ok(),
        "uri" => text
            .split_once("://")
            .is_some_and(|(scheme, rest)| !scheme.is_empty() && !rest.is_empty()),
        unknown => panic!("the test does not know the format {unknown}"),
    }
}
