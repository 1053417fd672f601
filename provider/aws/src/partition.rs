//! AWS's partitions: separate worlds of accounts, with names of their own.

/// The partition that a region belongs to.
pub fn of_region(region: &str) -> &'static str {
    match region {
        _ if region.starts_with("cn-") => "aws-cn",
        _ if region.starts_with("us-gov-") => "aws-us-gov",
        _ => "aws",
    }
}

/// Where the partition's endpoints live.
pub fn dns_suffix(partition: &str) -> &'static str {
    if partition == "aws-cn" { "amazonaws.com.cn" } else { "amazonaws.com" }
}

/// How policies name EC2. Most services are `<service>.amazonaws.com` in every partition; EC2 is one of the few that are not
/// (AWS in China's EKS User Guide, "Amazon EKS node IAM role").
pub fn ec2_principal(partition: &str) -> String {
    format!("ec2.{}", dns_suffix(partition))
}

/// How policies name CloudWatch Logs, which is another one in each region and partition (its User Guide, "Encrypt log data
/// using KMS").
pub fn logs_principal(region: &str) -> String {
    format!("logs.{region}.{}", dns_suffix(of_region(region)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_region_has_one_partition_with_its_own_names() {
        let rows = [
            ("us-east-1", "aws", "ec2.amazonaws.com", "logs.us-east-1.amazonaws.com"),
            ("cn-north-1", "aws-cn", "ec2.amazonaws.com.cn", "logs.cn-north-1.amazonaws.com.cn"),
            ("us-gov-west-1", "aws-us-gov", "ec2.amazonaws.com", "logs.us-gov-west-1.amazonaws.com"),
        ];
        for (region, partition, ec2, logs) in rows {
            assert_eq!(of_region(region), partition);
            assert_eq!((ec2_principal(partition), logs_principal(region)), (ec2.to_owned(), logs.to_owned()));
        }
    }
}
