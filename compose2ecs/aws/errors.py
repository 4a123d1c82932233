"""boto3's exceptions to one sentence: which call, which code, what to do."""

from __future__ import annotations

from compose2ecs.plan.errors import AwsError

# A call so refused had no effect, so it may be sent again whatever it is.
THROTTLED = frozenset(
    (
        "BandwidthLimitExceeded",
        "LimitExceededException.Throttled",
        "PriorRequestNotComplete",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "RequestThrottled",
        "RequestThrottledException",
        "SlowDown",
        "Throttling",
        "ThrottlingException",
        "ThrottledException",
        "TooManyRequestsException",
        "EC2ThrottledException",
    )
)
# Nobody knows whether such a call had an effect.
LOST = frozenset(
    (
        "NoAnswer",
        "InternalError",
        "InternalFailure",
        "InternalServerError",
        "InternalServiceException",
        "ServerException",
        "ServiceUnavailable",
        "ServiceUnavailableException",
        "RequestTimeout",
        "RequestTimeoutException",
        "500",
        "502",
        "503",
        "504",
    )
)
_REFUSED = (
    "AWS does not take what the file makes of it: mend what it names; `plan` shows what is sent"
)
_BUSY = "something else changes the same thing at this moment: run it again"
_BROKEN = "AWS has trouble of its own: run it again in a while, and it goes on where it ended"
_FULL = "remove what nobody needs, or ask AWS for a higher quota"
_OTHERWISE = "look at what AWS says; run it again when it is mended, and it goes on where it ended"
_DENIED = "the role or user needs this permission"
_EXPIRED = "sign in again: the credentials are no longer valid"
HINTS = {
    "AccessDenied": _DENIED,
    "AccessDeniedException": _DENIED,
    "UnauthorizedOperation": _DENIED,
    "ExpiredToken": _EXPIRED,
    "ExpiredTokenException": _EXPIRED,
    "InvalidClientTokenId": _EXPIRED,
    "UnrecognizedClientException": _EXPIRED,
    "SignatureDoesNotMatch": "look at the secret access key and at this machine's clock",
    "NoCredentials": "set AWS_PROFILE, --aws-profile or the AWS_ACCESS_KEY_ID variables",
    "NoRegion": "give --region, set AWS_REGION, or write x-ecs: {region: ...}",
    "NoAnswer": "look at the network, the region and AWS_ENDPOINT_URL; then run it again",
    "ClusterNotFoundException": "look at --cluster and --region",
    "ServiceNotFoundException": "it may have been removed meanwhile: run it again",
    "ServiceNotActiveException": "it is being removed: run it again when it is gone",
    "ListenerNotFound": "look at --listener and --region",
    "LoadBalancerNotFound": "look at --listener and --region",
    "TooManyRules": "a load balancer has 100 rules by default; remove stacks that nobody needs",
    "TooManyTargetGroups": "remove stacks that nobody needs, or ask AWS for more",
    "TooManyUniqueTargetGroupsPerLoadBalancer": "a load balancer has 100 target groups, and AWS"
    " gives no more; remove stacks that nobody needs",
    "TargetGroupAssociationLimit": "a target group belongs to one load balancer only",
    "NamespaceLimitExceeded": "remove stacks that nobody needs, or ask AWS for more namespaces",
    "LimitExceededException": _FULL,
    "ResourceLimitExceeded": _FULL,
    "ServiceQuotaExceededException": _FULL,
    "ClientException": _REFUSED,
    "InvalidParameterException": _REFUSED,
    "ValidationException": _REFUSED,
    "ValidationError": _REFUSED,
    "InvalidInput": _REFUSED,
    "InvalidConfigurationRequest": _REFUSED,
    "UnsupportedFeatureException": _REFUSED,
    "ConcurrentUpdateException": _BUSY,
    "ConflictException": _BUSY,
    "DuplicateRequest": _BUSY,
    "OperationAbortedException": _BUSY,
    "ServerException": _BROKEN,
    "ServiceUnavailableException": _BROKEN,
    "InternalServiceException": _BROKEN,
    "InternalServerException": _BROKEN,
    "HealthUnavailable": _BROKEN,
    "BlockedException": "AWS has blocked this account: ask its support",
    "PlatformTaskDefinitionIncompatibilityException": "the launch type cannot run this task",
    "ThrottlingException": "others use this account's API at the same time: run it again",
    "Throttling": "others use this account's API at the same time: run it again",
}


def from_boto(service: str, operation: str, error: Exception) -> AwsError:
    """The error of a call, from whatever boto3 raised. Never holds what was sent.

    Raises the exception again when it is none of boto3's.
    """
    from botocore import exceptions as boto

    if isinstance(error, boto.ClientError):
        said = error.response.get("Error", {})
        code = str(said.get("Code") or "Unknown").removesuffix("Exception.Client")
        return make(service, operation, code, " ".join(str(said.get("Message") or "").split()))
    if isinstance(error, (boto.NoCredentialsError, boto.PartialCredentialsError)):
        return make(service, operation, "NoCredentials", "there are no AWS credentials")
    if isinstance(error, boto.NoRegionError):
        return make(service, operation, "NoRegion", "no region is given")
    if isinstance(error, boto.ParamValidationError):
        # its text may quote values, and values may be secret: names of parameters are enough
        return make(service, operation, "InvalidRequest", _parameters(str(error)))
    if isinstance(
        error, (boto.ProfileNotFound, boto.ConfigParseError, boto.UnauthorizedSSOTokenError)
    ):
        return make(service, operation, type(error).__name__, str(error))
    if isinstance(error, (boto.TokenRetrievalError, boto.SSOError, boto.CredentialRetrievalError)):
        return make(service, operation, "ExpiredToken", str(error))
    if isinstance(error, (boto.HTTPClientError, boto.ConnectionError)):
        return make(service, operation, "NoAnswer", str(error))
    if isinstance(error, boto.BotoCoreError):
        return make(service, operation, type(error).__name__, str(error))
    raise error


def make(service: str, operation: str, code: str, text: str = "") -> AwsError:
    """An AwsError with the hint that goes with its code."""
    hint = HINTS.get(code, _OTHERWISE)
    if hint is _DENIED:
        hint = f"{_DENIED}: {_action(service, operation)}"
    return AwsError(service, operation, code, text, hint)


_PREFIX = {"elbv2": "elasticloadbalancing"}


def _action(service: str, operation: str) -> str:
    """The IAM action of a call."""
    return f"{_PREFIX.get(service, service)}:{operation}"


def _parameters(text: str) -> str:
    """Which parameters a validation names, without their values."""
    import re

    named = re.findall(r'(?:for parameter |in (?:input|[\w.\[\]]+): ")([A-Za-z][\w.\[\]]*)', text)
    return "not a valid request" + (f" ({', '.join(dict.fromkeys(named))})" if named else "")
