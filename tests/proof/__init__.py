"""The IAM proof: what every function asked of AWS, against what its synthesized role allows."""
