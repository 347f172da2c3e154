//! Results that look like Python's frozen data classes.

/// A frozen class with a constructor, a `repr` and pickling by its fields; equality and hash by those
/// that it `is`, or by all of them; and further methods.
macro_rules! record {
    (
        $(#[$class:meta])*
        $name:ident { $($(#[$doc:meta])* $field:ident: $type:ty,)+ }
    ) => {
        crate::record::record! {
            $(#[$class])*
            $name is ($($field),+) { $($(#[$doc])* $field: $type,)+ } with {}
        }
    };
    (
        $(#[$class:meta])*
        $name:ident is ($($key:ident),+) {
            $($(#[$doc:meta])* $field:ident: $type:ty,)+
        } with { $($methods:tt)* }
    ) => {
        $(#[$class])*
        #[pyo3::pyclass(frozen, get_all, eq, from_py_object, module = "cooee")]
        #[derive(Debug, Clone)]
        pub(crate) struct $name {
            $($(#[$doc])* pub(crate) $field: $type,)+
        }

        impl PartialEq for $name {
            fn eq(&self, other: &Self) -> bool {
                $(self.$key == other.$key)&&+
            }
        }

        impl $name {
            const FIELDS: &[&str] = &[$(crate::record::python_name(stringify!($field))),+];

            fn values<'py>(
                &self,
                py: pyo3::Python<'py>,
            ) -> pyo3::PyResult<pyo3::Bound<'py, pyo3::types::PyTuple>> {
                use pyo3::IntoPyObjectExt;
                pyo3::types::PyTuple::new(
                    py,
                    [$(self.$field.clone().into_bound_py_any(py)?),+],
                )
            }
        }

        #[pyo3::pymethods]
        impl $name {
            #[new]
            #[allow(clippy::too_many_arguments, reason = "one for each field")]
            fn new($($field: $type),+) -> Self {
                Self { $($field),+ }
            }

            #[classattr]
            fn __match_args__(
                py: pyo3::Python<'_>,
            ) -> pyo3::PyResult<pyo3::Bound<'_, pyo3::types::PyTuple>> {
                pyo3::types::PyTuple::new(py, Self::FIELDS)
            }

            fn __hash__(&self, py: pyo3::Python<'_>) -> pyo3::PyResult<isize> {
                use pyo3::IntoPyObjectExt;
                use pyo3::types::PyAnyMethods;
                let keys = [$(self.$key.clone().into_bound_py_any(py)?),+];
                pyo3::types::PyTuple::new(py, keys)?.hash()
            }

            fn __repr__(&self, py: pyo3::Python<'_>) -> pyo3::PyResult<String> {
                crate::record::repr(stringify!($name), Self::FIELDS, &self.values(py)?)
            }

            fn __reduce__<'py>(
                &self,
                py: pyo3::Python<'py>,
            ) -> pyo3::PyResult<(
                pyo3::Bound<'py, pyo3::types::PyType>,
                pyo3::Bound<'py, pyo3::types::PyTuple>,
            )> {
                Ok((py.get_type::<Self>(), self.values(py)?))
            }

            $($methods)*
        }
    };
}

use pyo3::prelude::*;
use pyo3::types::PyTuple;

pub(crate) use record;

/// The name of a field without Rust's mark for a keyword.
pub(crate) const fn python_name(field: &'static str) -> &'static str {
    match field.as_bytes() {
        [b'r', b'#', name @ ..] => match str::from_utf8(name) {
            Ok(name) => name,
            Err(_) => field,
        },
        _ => field,
    }
}

/// `Name(field=value, …)`.
pub(crate) fn repr(name: &str, fields: &[&str], values: &Bound<'_, PyTuple>) -> PyResult<String> {
    let each = fields.iter().zip(values.iter());
    let each: Vec<_> = each
        .map(|(field, value)| Ok(format!("{field}={}", value.repr()?)))
        .collect::<PyResult<_>>()?;
    Ok(format!("{name}({})", each.join(", ")))
}
