//! The modules of one program or library, as its files declare them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::{Attribute, Expr, ExprLit, Item, Lit, Meta, UseTree, Visibility};

pub(crate) type Id = usize;

/// All modules; the first one is the root.
pub(crate) struct Source {
    pub(crate) modules: Vec<Module>,
}

pub(crate) struct Module {
    /// Where it is written, relative to the root's directory.
    pub(crate) file: PathBuf,
    pub(crate) parent: Option<Id>,
    /// Whether it is written within its parent's file.
    pub(crate) is_inline: bool,
    /// Several of one name are alternatives for different systems.
    pub(crate) children: BTreeMap<String, Vec<Id>>,
    pub(crate) defined: BTreeSet<String>,
    pub(crate) imports: Vec<Import>,
    /// Everything else, in which paths are looked for.
    pub(crate) code: Vec<TokenStream>,
}

/// One name that a `use` brings in.
pub(crate) struct Import {
    /// `*` for everything.
    pub(crate) name: String,
    pub(crate) path: Vec<String>,
    /// A name that is passed on is used by those who take it from here.
    pub(crate) is_passed_on: bool,
}

/// Where `mod NAME;` in a file is looked for.
struct Place {
    file: PathBuf,
    /// What `#[path]` starts from.
    directory: PathBuf,
    /// Where the files of children are.
    children: PathBuf,
}

type Read<'r> = &'r dyn Fn(&Path) -> Option<String>;

impl Source {
    /// Reads the modules below `root`, with `read` as the file system.
    pub(crate) fn load(root: &Path, read: Read<'_>) -> Self {
        let mut source = Self { modules: Vec::new() };
        let directory = root.parent().unwrap_or(Path::new("")).to_owned();
        let place = Place { file: root.to_owned(), children: directory.clone(), directory };
        source.file(None, place, read);
        for module in &mut source.modules {
            if let Ok(relative) = module.file.strip_prefix(root.parent().unwrap()) {
                module.file = relative.to_owned();
            }
        }
        source
    }

    /// The module that is the file in which `id` is written.
    pub(crate) fn file_of(&self, mut id: Id) -> Id {
        while let (true, Some(parent)) = (self.modules[id].is_inline, self.modules[id].parent) {
            id = parent;
        }
        id
    }

    fn file(&mut self, parent: Option<Id>, place: Place, read: Read<'_>) -> Id {
        let text = read(&place.file).unwrap_or_else(|| panic!("no {}", place.file.display()));
        let parsed = syn::parse_file(&text)
            .unwrap_or_else(|error| panic!("{}: {error}", place.file.display()));
        let id = self.add(parent, &place.file, false);
        self.items(id, parsed.items, &place, read);
        id
    }

    fn add(&mut self, parent: Option<Id>, file: &Path, is_inline: bool) -> Id {
        self.modules.push(Module {
            file: file.to_owned(),
            parent,
            is_inline,
            children: BTreeMap::new(),
            defined: BTreeSet::new(),
            imports: Vec::new(),
            code: Vec::new(),
        });
        self.modules.len() - 1
    }

    fn items(&mut self, id: Id, items: Vec<Item>, place: &Place, read: Read<'_>) {
        for item in items {
            if attributes(&item).iter().any(is_for_tests) {
                continue;
            }
            match item {
                Item::Mod(module) => {
                    let name = module.ident.to_string();
                    let child = match module.content {
                        Some((_, items)) => {
                            let child = self.add(Some(id), &place.file, true);
                            let children = place.children.join(&name);
                            let within = Place {
                                file: place.file.clone(),
                                directory: children.clone(),
                                children,
                            };
                            self.items(child, items, &within, read);
                            child
                        }
                        None => {
                            let within = place.of_child(&name, &module.attrs, read);
                            self.file(Some(id), within, read)
                        }
                    };
                    self.modules[id].children.entry(name).or_default().push(child);
                }
                Item::Use(import) => {
                    let is_passed_on = !matches!(import.vis, Visibility::Inherited);
                    let mut add = |name, path| {
                        self.modules[id].imports.push(Import { name, path, is_passed_on });
                    };
                    names(&import.tree, &mut Vec::new(), &mut add);
                }
                item => {
                    self.modules[id].defined.extend(name(&item));
                    self.modules[id].code.push(item.into_token_stream());
                }
            }
        }
    }
}

impl Place {
    fn of_child(&self, name: &str, attributes: &[Attribute], read: Read<'_>) -> Self {
        let file = attributes.iter().find_map(path).map_or_else(
            || {
                let beside = self.children.join(format!("{name}.rs"));
                let within = self.children.join(name).join("mod.rs");
                if read(&beside).is_some() { beside } else { within }
            },
            |path| self.directory.join(path),
        );
        let directory = file.parent().unwrap_or(Path::new("")).to_owned();
        let owns_directory = file.ends_with("mod.rs");
        let children = if owns_directory { directory.clone() } else { file.with_extension("") };
        Self { file, directory, children }
    }
}

fn path(attribute: &Attribute) -> Option<String> {
    let Meta::NameValue(pair) = &attribute.meta else { return None };
    let Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) = &pair.value else { return None };
    pair.path.is_ident("path").then(|| text.value())
}

fn is_for_tests(attribute: &Attribute) -> bool {
    let Meta::List(list) = &attribute.meta else { return false };
    let condition = list.tokens.to_string();
    list.path.is_ident("cfg")
        && (condition == "test" || condition.starts_with("all") && condition.contains("test"))
        && !condition.contains("not")
}

fn names(tree: &UseTree, path: &mut Vec<String>, add: &mut impl FnMut(String, Vec<String>)) {
    let mut leaf = |segment: String, name: String| {
        let mut path = path.clone();
        if segment != "self" || path.is_empty() {
            path.push(segment);
        }
        let name = if name == "self" { path.last().unwrap().clone() } else { name };
        add(name, path);
    };
    match tree {
        UseTree::Name(name) => leaf(name.ident.to_string(), name.ident.to_string()),
        UseTree::Rename(rename) => leaf(rename.ident.to_string(), rename.rename.to_string()),
        UseTree::Glob(_) => add("*".to_owned(), path.clone()),
        UseTree::Group(group) => group.items.iter().for_each(|tree| names(tree, path, add)),
        UseTree::Path(step) => {
            path.push(step.ident.to_string());
            names(&step.tree, path, add);
            path.pop();
        }
    }
}

fn name(item: &Item) -> Option<String> {
    let ident = match item {
        Item::Const(item) => &item.ident,
        Item::Enum(item) => &item.ident,
        Item::Fn(item) => &item.sig.ident,
        Item::Macro(item) => item.ident.as_ref()?,
        Item::Static(item) => &item.ident,
        Item::Struct(item) => &item.ident,
        Item::Trait(item) => &item.ident,
        Item::Type(item) => &item.ident,
        Item::Union(item) => &item.ident,
        _ => return None,
    };
    Some(ident.to_string())
}

fn attributes(item: &Item) -> &[Attribute] {
    match item {
        Item::Const(item) => &item.attrs,
        Item::Enum(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Macro(item) => &item.attrs,
        Item::Mod(item) => &item.attrs,
        Item::Static(item) => &item.attrs,
        Item::Struct(item) => &item.attrs,
        Item::Trait(item) => &item.attrs,
        Item::Type(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        _ => &[],
    }
}
