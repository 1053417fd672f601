//! Which type of object an id stands for.

/// Beginning of an id → type in ARNs. Source: Service Authorization Reference, "Resource types defined by Amazon EC2".
const TYPES: [(&str, &str); 10] = [
    ("eipalloc", "elastic-ip"),
    ("eni", "network-interface"),
    ("igw", "internet-gateway"),
    ("lt", "launch-template"),
    ("nat", "natgateway"),
    ("rtb", "route-table"),
    ("sg", "security-group"),
    ("subnet", "subnet"),
    ("vpc", "vpc"),
    ("vpce", "vpc-endpoint"),
];

/// The type of an id such as `vpc-0a1b2c3d`; `None` for any other text.
pub(crate) fn id_type(text: &str) -> Option<&'static str> {
    let (prefix, digits) = text.split_once('-')?;
    let is_id = (8..=17).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    TYPES.iter().find(|(known, _)| is_id && *known == prefix).map(|(_, of_type)| *of_type)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_ids_have_a_type() {
        let rows = [
            ("vpc-0123456789abcdef0", Some("vpc")),
            ("sg-12345678", Some("security-group")),
            ("subnet-12345678", Some("subnet")),
            ("subnet-public-a", None),
            ("vpc-1", None),
            ("shop-12345678", None),
            ("", None),
        ];
        for (text, expected) in rows {
            assert_eq!(id_type(text), expected, "{text:?}");
        }
    }
}
