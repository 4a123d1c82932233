"""The edge to AWS: boto3 lives here and nowhere else."""
