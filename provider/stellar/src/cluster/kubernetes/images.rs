//! Which image a node needs, told from the instance type's name.
//!
//! Source: EC2 User Guide, "Amazon EC2 instance type naming conventions"; EKS API reference, `amiType`.

/// Image types that a pool may name: the Linux ones that EKS still builds.
pub(super) const IMAGES: [&str; 13] = [
    "AL2023_ARM_64_NVIDIA",
    "AL2023_ARM_64_STANDARD",
    "AL2023_x86_64_NEURON",
    "AL2023_x86_64_NVIDIA",
    "AL2023_x86_64_STANDARD",
    "BOTTLEROCKET_ARM_64",
    "BOTTLEROCKET_ARM_64_FIPS",
    "BOTTLEROCKET_ARM_64_NVIDIA",
    "BOTTLEROCKET_ARM_64_NVIDIA_FIPS",
    "BOTTLEROCKET_x86_64",
    "BOTTLEROCKET_x86_64_FIPS",
    "BOTTLEROCKET_x86_64_NVIDIA",
    "BOTTLEROCKET_x86_64_NVIDIA_FIPS",
];

/// True for instance types with an Arm processor: `g` among the letters after the generation (`m7g`, `c6gn`), and `a1`.
pub(super) fn is_arm(instance_type: &str) -> bool {
    let (letters, options) = family(instance_type);
    options.contains('g') || letters == "a"
}

/// True for image types that run on Arm processors.
pub(super) fn is_arm_image(image: &str) -> bool {
    image.contains("ARM_64")
}

/// The default image for an instance type.
pub(super) fn default_image(instance_type: &str) -> &'static str {
    let (letters, options) = family(instance_type);
    match letters {
        "inf" | "trn" => "AL2023_x86_64_NEURON",
        // g4ad has AMD's accelerators, for which EKS builds no image.
        "g" | "gr" | "p" if options != "ad" => match is_arm(instance_type) {
            true => "AL2023_ARM_64_NVIDIA",
            false => "AL2023_x86_64_NVIDIA",
        },
        _ if is_arm(instance_type) => "AL2023_ARM_64_STANDARD",
        _ => "AL2023_x86_64_STANDARD",
    }
}

/// The device that an image keeps containers on: Bottlerocket's first one holds the system alone.
pub(super) fn disk_device(image: &str) -> &'static str {
    if image.starts_with("BOTTLEROCKET") { "/dev/xvdb" } else { "/dev/xvda" }
}

/// The letters before and after the generation: `("m", "gd")` for `m6gd.large`.
fn family(instance_type: &str) -> (&str, &str) {
    let family = instance_type.split('.').next().unwrap_or_default();
    let digit = |c: char| c.is_ascii_digit();
    let (letters, rest) = family.split_at(family.find(digit).unwrap_or(family.len()));
    (letters, rest.trim_start_matches(digit))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_image_fits_the_instance_type() {
        let rows = [
            ("m5.xlarge", "AL2023_x86_64_STANDARD"),
            ("x2iedn.xlarge", "AL2023_x86_64_STANDARD"),
            ("m7g.large", "AL2023_ARM_64_STANDARD"),
            ("c6gn.large", "AL2023_ARM_64_STANDARD"),
            ("a1.medium", "AL2023_ARM_64_STANDARD"),
            ("g4dn.xlarge", "AL2023_x86_64_NVIDIA"),
            ("g4ad.xlarge", "AL2023_x86_64_STANDARD"),
            ("g5g.xlarge", "AL2023_ARM_64_NVIDIA"),
            ("p5en.48xlarge", "AL2023_x86_64_NVIDIA"),
            ("p6e-gb200.36xlarge", "AL2023_ARM_64_NVIDIA"),
            ("inf2.xlarge", "AL2023_x86_64_NEURON"),
        ];
        for (instance_type, image) in rows {
            assert_eq!(default_image(instance_type), image, "{instance_type}");
            assert!(IMAGES.contains(&image), "{image}");
        }
    }
}
