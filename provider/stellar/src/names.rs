//! Names of AWS objects, derived once from the stack's name and fixed for its life.
//!
//! Derived names are a contract: another name is another object. Names that must be unique in the
//! account or in the world, or whose deletion is delayed, end in 8 characters of the claim.

use sha2::{Digest, Sha256};
use stellar_engine::suffix;

/// Derives the names of one stack.
#[derive(Clone, Debug)]
pub struct Names {
    stack: String,
    suffix: String,
}

impl Names {
    /// For the stack of this name and claim.
    pub fn new(stack: &str, claim: &str) -> Self {
        Self { stack: stack.to_owned(), suffix: suffix(claim).to_owned() }
    }

    /// The stack's name.
    pub fn stack(&self) -> &str {
        &self.stack
    }

    /// `<stack>-<part>`, for names that are unique within a region of the account. At most `limit` characters.
    pub fn regional(&self, part: &str, limit: usize) -> String {
        fit(&self.stack, part, "", limit)
    }

    /// `<stack>-<part>-<suffix>`, for names that are unique in the account or the world. At most `limit` characters.
    pub fn unique(&self, part: &str, limit: usize) -> String {
        fit(&self.stack, part, &self.suffix, limit)
    }
}

/// Joins the parts with `-`. When they are too long, the middle part is cut and gets 4 digits of its
/// hash, so that two long parts with one beginning stay apart.
fn fit(stack: &str, part: &str, suffix: &str, limit: usize) -> String {
    let join = |part: &str| [stack, part, suffix].into_iter().filter(|p| !p.is_empty()).collect::<Vec<_>>().join("-");
    let full = join(part);
    if full.len() <= limit {
        return full;
    }
    let hash: String = Sha256::digest(part).iter().take(2).map(|byte| format!("{byte:02x}")).collect();
    let room = part.len().saturating_sub(full.len() - limit + hash.len());
    join(&format!("{}{hash}", part.get(..room).unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_names_are_cut_to_the_limit_and_stay_apart() {
        let names = Names::new("abcdefghij-abcdefghij-abcdef", "0123456789abcdef0123456789abcdef");
        let long = names.unique("images-of-the-north-american-x", 63);
        assert_eq!(long.len(), 63);
        assert_ne!(long, names.unique("images-of-the-north-american-y", 63));
        assert_eq!(Names::new("shop", "0123456789").unique("images", 63), "shop-images-01234567");
        assert_eq!(Names::new("shop", "0123456789").regional("", 63), "shop");
    }
}
