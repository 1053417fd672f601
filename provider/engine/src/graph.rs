//! Components with their dependencies: every reference leads somewhere, and there is no cycle.

use std::collections::{BTreeMap, BTreeSet};

use petgraph::{algo::toposort, graphmap::DiGraphMap};

use crate::{Address, Component};

/// A checked set of components.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Graph {
    components: BTreeMap<Address, Component>,
    dependencies: BTreeMap<Address, BTreeSet<Address>>,
    dependents: BTreeMap<Address, BTreeSet<Address>>,
    order: Vec<Address>,
}

/// Why components do not form a graph; always a fault of whoever expanded them.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum GraphError {
    /// Two components have one address.
    #[error("two components have the address {0}")]
    Duplicate(Address),
    /// A reference leads nowhere.
    #[error("{from} depends on {to}, which does not exist")]
    Missing {
        /// The component with the reference.
        from: Address,
        /// What it refers to.
        to: Address,
    },
    /// Components wait for each other.
    #[error("{0} depends on itself through others")]
    Cycle(Address),
}

impl Graph {
    /// Checks the components and derives their order.
    ///
    /// # Errors
    /// See [`GraphError`].
    pub fn new(components: Vec<Component>) -> Result<Self, GraphError> {
        let mut graph = Self::default();
        for component in components {
            let address = component.address.clone();
            graph.dependencies.insert(address.clone(), component.dependencies());
            if graph.components.insert(address.clone(), component).is_some() {
                return Err(GraphError::Duplicate(address));
            }
        }
        for (from, to) in graph.edges() {
            if !graph.components.contains_key(to) {
                return Err(GraphError::Missing { from: from.clone(), to: to.clone() });
            }
        }
        graph.link()?;
        Ok(graph)
    }

    /// This graph with further components, where their addresses are free. They may refer to what is not there any more.
    ///
    /// # Errors
    /// [`GraphError::Cycle`].
    pub fn with(self, more: Vec<Component>) -> Result<Self, GraphError> {
        let mut graph = Self { components: self.components, ..Self::default() };
        for component in more {
            graph.components.entry(component.address.clone()).or_insert(component);
        }
        let present = |address: &Address| graph.components.contains_key(address);
        let dependencies = graph.components.values().map(|component| {
            let found = component.dependencies().into_iter().filter(present).collect();
            (component.address.clone(), found)
        });
        graph.dependencies = dependencies.collect();
        graph.link()?;
        Ok(graph)
    }

    /// The component at an address.
    pub fn get(&self, address: &Address) -> Option<&Component> {
        self.components.get(address)
    }

    /// All components, by address.
    pub fn iter(&self) -> impl Iterator<Item = &Component> {
        self.components.values()
    }

    /// Addresses such that each stands after everything that it depends on.
    pub fn order(&self) -> &[Address] {
        &self.order
    }

    /// What the component depends on.
    pub fn dependencies(&self, address: &Address) -> impl Iterator<Item = &Address> {
        self.dependencies.get(address).into_iter().flatten()
    }

    /// What depends on the component.
    pub fn dependents(&self, address: &Address) -> impl Iterator<Item = &Address> {
        self.dependents.get(address).into_iter().flatten()
    }

    /// How many components there are.
    pub fn len(&self) -> usize {
        self.components.len()
    }

    /// True without any component.
    pub fn is_empty(&self) -> bool {
        self.components.is_empty()
    }

    /// Derives dependents and order from the dependencies.
    fn link(&mut self) -> Result<(), GraphError> {
        let reversed: Vec<_> = self.edges().map(|(from, to)| (to.clone(), from.clone())).collect();
        for (to, from) in reversed {
            self.dependents.entry(to).or_default().insert(from);
        }
        self.order = self.sorted()?;
        Ok(())
    }

    fn edges(&self) -> impl Iterator<Item = (&Address, &Address)> {
        self.dependencies.iter().flat_map(|(from, all)| all.iter().map(move |to| (from, to)))
    }

    fn sorted(&self) -> Result<Vec<Address>, GraphError> {
        let addresses: Vec<&Address> = self.components.keys().collect();
        let number = |address: &Address| addresses.binary_search(&address).unwrap_or_default();
        let mut edges = DiGraphMap::<usize, ()>::new();
        for node in 0..addresses.len() {
            edges.add_node(node);
        }
        for (from, to) in self.edges() {
            edges.add_edge(number(to), number(from), ());
        }
        match toposort(&edges, None) {
            Ok(order) => Ok(order.into_iter().map(|node| addresses[node].clone()).collect()),
            Err(cycle) => Err(GraphError::Cycle(addresses[cycle.node_id()].clone())),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::{Tags, address, reference};

    fn component(name: &str, refers_to: &[&str]) -> Component {
        let refs: Vec<Value> = refers_to.iter().map(|to| reference(&address!("{to}"), "id")).collect();
        Component {
            address: address!("{name}"),
            kind: "test/thing",
            region: "here".into(),
            desired: json!({ "refs": refs }),
            tags: Tags::new(),
            after: BTreeSet::new(),
            slot: None,
        }
    }

    #[test]
    fn order_follows_references() {
        let graph = Graph::new(vec![component("a", &["b"]), component("b", &["c"]), component("c", &[])]).unwrap();
        let order: Vec<&str> = graph.order().iter().map(Address::as_str).collect();
        assert_eq!(order, ["c", "b", "a"]);
        assert_eq!(graph.dependents(&address!("c")).count(), 1);
    }

    #[test]
    fn what_is_leaving_stands_beside_the_others_even_when_its_parents_are_gone() {
        let graph = Graph::new(vec![component("a", &[])]).unwrap();
        let graph = graph.with(vec![component("a", &["c"]), component("b", &["a", "gone"])]).unwrap();
        let order: Vec<&str> = graph.order().iter().map(Address::as_str).collect();
        assert_eq!(order, ["a", "b"]);
        assert_eq!(graph.dependencies(&address!("a")).count(), 0, "the present component wins");
        assert_eq!(graph.dependents(&address!("a")).count(), 1);
    }

    #[test]
    fn faulty_graphs_are_refused() {
        let rows = [
            (vec![component("a", &[]), component("a", &[])], GraphError::Duplicate(address!("a"))),
            (vec![component("a", &["x"])], GraphError::Missing { from: address!("a"), to: address!("x") }),
            (vec![component("a", &["a"])], GraphError::Cycle(address!("a"))),
        ];
        for (components, error) in rows {
            assert_eq!(Graph::new(components), Err(error));
        }
        let cycle = Graph::new(vec![component("a", &["b"]), component("b", &["a"])]);
        assert!(matches!(cycle, Err(GraphError::Cycle(_))), "{cycle:?}");
    }
}
