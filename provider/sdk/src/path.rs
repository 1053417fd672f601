//! Where in a value: `network.node_pools["api"].min`.

use std::fmt;

/// A path to an attribute. Grows by value, so that a parent can be reused: `path.attr("a").key("b").index(0)`.
///
/// Terraform has no step for the element of a set: end the path at the set.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Path(Vec<Step>);

/// One step of a [`Path`].
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Step {
    /// An attribute of an object.
    Attr(String),
    /// An element of a map.
    Key(String),
    /// An element of a list.
    Index(usize),
}

impl Path {
    /// The whole value.
    #[must_use]
    pub fn root() -> Self {
        Self::default()
    }

    /// The attribute `name` below this path.
    #[must_use]
    pub fn attr(&self, name: &str) -> Self {
        self.join(Step::Attr(name.into()))
    }

    /// The map element `key` below this path.
    #[must_use]
    pub fn key(&self, key: &str) -> Self {
        self.join(Step::Key(key.into()))
    }

    /// The list element `index`, counted from 0, below this path.
    #[must_use]
    pub fn index(&self, index: usize) -> Self {
        self.join(Step::Index(index))
    }

    /// The steps from the root.
    #[must_use]
    pub fn steps(&self) -> &[Step] {
        &self.0
    }

    /// True for the path of the whole value.
    #[must_use]
    pub fn is_root(&self) -> bool {
        self.0.is_empty()
    }

    fn join(&self, step: Step) -> Self {
        let mut steps = self.0.clone();
        steps.push(step);
        Self(steps)
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, step) in self.0.iter().enumerate() {
            match step {
                Step::Attr(name) if position == 0 => write!(f, "{name}")?,
                Step::Attr(name) => write!(f, ".{name}")?,
                Step::Key(key) => write!(f, "[{key:?}]")?,
                Step::Index(index) => write!(f, "[{index}]")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_reads_as_in_a_configuration() {
        let pool = Path::root().attr("network").attr("node_pools").key("api");
        let cases = [
            (Path::root(), ""),
            (pool.attr("min"), r#"network.node_pools["api"].min"#),
            (pool.attr("taints").index(2), r#"network.node_pools["api"].taints[2]"#),
            (Path::root().key("a\"b"), r#"["a\"b"]"#),
        ];
        for (path, expected) in cases {
            assert_eq!(path.to_string(), expected);
        }
    }
}
