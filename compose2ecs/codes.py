"""Every diagnostic there is, defined once: id, severity, sentence, hint.

Severities: an error ends the command with exit code 1; a warning says that something means less on
ECS than it says in the file (or is a trap of Compose's own); info says what was decided and why.
"""

from __future__ import annotations

from compose2ecs.report import ERROR, INFO, WARNING, Code

# ---------------------------------------------------------------------------- files and text

NO_FILE = Code(
    "no-compose-file",
    ERROR,
    "no compose file in {folder} or a folder above it",
    "looked for {names}; name one with -f FILE",
)
UNREADABLE = Code("unreadable-file", ERROR, "cannot read {name}: {reason}")
NOT_TEXT = Code(
    "not-text",
    ERROR,
    "{name} is not UTF-8 text",
    "a compose file is text in UTF-8 (or UTF-16 with a byte order mark)",
)
EMPTY_FILE = Code("empty-file", ERROR, "{name} is empty", "a compose file needs `services:`")
EMPTY_DOCUMENT = Code(
    "empty-document", ERROR, "a document of {name} is empty", "remove the `---` before it"
)
TOP_LEVEL = Code(
    "top-level",
    ERROR,
    "the top level of {name} must be a mapping",
    "a compose file starts with keys such as `services:`",
)
SEVERAL_FILES = Code(
    "several-files", WARNING, "found {names}; using {used}", "name the one you mean with -f"
)
FILES_READ = Code("files-read", INFO, "read {names}")
OVERRIDE_UNREAD = Code(
    "override-unread",
    INFO,
    "{name} was not read, because {ecs} is there",
    "to read it as well, name all files with -f",
)
EMPTY_COMPOSE_FILE = Code(
    "no-compose-file",
    ERROR,
    "COMPOSE_FILE names an empty path",
    "it is a list of paths with {separator!r} between them; unset it to look for the usual names",
)
ENV_NOT_TEXT = Code(
    "env-not-text",
    WARNING,
    "not UTF-8 text: what cannot be read becomes \ufffd",
    "save the file as UTF-8",
)
BAD_ENV_FILE = Code("bad-env-file", ERROR, "{reason}")
ENV_FILE_MISSING = Code(
    "env-file-missing",
    ERROR,
    "{path}: {name} does not exist",
    "create it, or write `required: false` beside its path",
)
BARE_KEY_AT_END = Code(
    "bare-key-at-end",
    WARNING,
    "{name!r} on the last line has no value and no line end, which Compose reads as the value of a variable with an empty name",
    "end the line with a newline, or write {name}=",
)
UNSET_VARIABLE = Code(
    "unset-variable",
    WARNING,
    "the variable {name} is not set; it is replaced by nothing",
    "set it in the environment or in .env, or write ${{{name}:-default}}",
)
DOLLAR_LOST = Code(
    "dollar-lost",
    WARNING,
    "`${name}` inside a value is read as a variable, which is not set: part of the value is lost",
    "put the value in single quotes, or write $$ for a dollar sign",
)
INTERPOLATION = Code("interpolation", ERROR, "{reason}")
YAML_SYNTAX = Code("yaml-syntax", ERROR, "not valid YAML: {detail}")
YAML_CONTROL_CHARACTER = Code(
    "yaml-control-character", ERROR, "a control character, which YAML does not allow"
)
YAML_VERSION = Code(
    "yaml-version", ERROR, "Compose reads YAML 1.1 only", "remove the %YAML directive"
)
YAML_NOT_FINITE = Code(
    "yaml-not-finite", ERROR, "{detail} is not a number Compose accepts", "quote it: '{detail}'"
)
YAML_KEY_TYPE = Code(
    "yaml-key-type", ERROR, "a key must be a string, which {detail} is not", "quote the key"
)
YAML_DUPLICATE_KEY = Code(
    "yaml-duplicate-key", ERROR, "the key {detail!r} is given twice", "remove or rename one of them"
)
YAML_DEPTH = Code("yaml-depth", ERROR, "nested more than {detail} levels deep")
YAML_TOO_MANY_NODES = Code(
    "yaml-too-many-nodes",
    ERROR,
    "the aliases in this document expand to more than {detail} values",
    "no compose file needs that many: is it an alias bomb?",
)
YAML_UNKNOWN_ALIAS = Code(
    "yaml-unknown-alias",
    ERROR,
    "the anchor &{detail} is not defined above in this document",
    "anchors do not reach across files or documents; use `extends` for that",
)
YAML_ALIAS_CYCLE = Code("yaml-alias-cycle", ERROR, "*{detail} stands inside &{detail} itself")
YAML_BINARY = Code("yaml-binary", ERROR, "!!binary must hold UTF-8 text in base64")
YAML_TAG = Code("yaml-tag", ERROR, "this is not what its tag {detail} says it is")
YAML_MERGE = Code(
    "yaml-merge", ERROR, "`<<` merges a mapping or a list of mappings, which this is not"
)

# ---------------------------------------------------------------------------- values

UNKNOWN_KEY = Code(
    "unknown-key",
    ERROR,
    "unknown key {key!r}",
    "Compose does not know it; a key of your own starts with x-",
)
UNKNOWN_KEY_OURS = Code("unknown-key", ERROR, "{path} has no key {key!r}", "it has: {known}")
UNKNOWN_KEY_GUESS = Code("unknown-key", ERROR, "unknown key {key!r}; did you mean {guess!r}?")
UNKNOWN_KEY_PASSED = Code("unknown-key", WARNING, "unknown key {key!r}, which Compose ignores here")
WRONG_TYPE = Code("wrong-type", ERROR, "{path} must be {wanted}, not {found}")
WANTS_QUOTES = Code(
    "wrong-type", ERROR, "{path} must be {wanted}, not {found}", 'put it in quotes: "{text}"'
)
EMPTY_VALUE = Code(
    "empty-value",
    ERROR,
    "{path} is empty, and must be {wanted}",
    "give it a value or remove the key (are its entries commented out?)",
)
MISSING_KEY = Code("missing-key", ERROR, "{path} needs the key {key!r}")
OUT_OF_RANGE = Code("out-of-range", ERROR, "{path} must be from {low} to {high}, not {value}")
NEGATIVE = Code("out-of-range", ERROR, "{path} cannot be negative ({value})")
BAD_CHOICE = Code("bad-choice", ERROR, "{path} must be one of {choices}, not {value!r}{guess}")
BAD_NAME = Code(
    "bad-name", ERROR, "{name!r} is not a name", "use letters, digits, dots, underscores and dashes"
)
BOOLEAN_WORD = Code("boolean-word", WARNING, "{path}: {text!r} is read as {truth}", "write {truth}")
BAD_SIZE = Code("bad-size", ERROR, "{path}: {reason}")
SIZE_IN_BYTES = Code(
    "size-in-bytes",
    WARNING,
    "{path}: {value} means {value} bytes",
    "write a unit, such as {value}m",
)
SIZE_DROPPED = Code(
    "size-dropped",
    WARNING,
    "{path}: Compose ignores a number with a fraction and no unit ({value})",
    "write a unit, in quotes or not: {value}g",
)
BAD_DURATION = Code("bad-duration", ERROR, "{path}: {reason}")
DUPLICATE_ITEM = Code("duplicate-item", ERROR, "{path} lists {item!r} twice")
KEY_WITH_SPACE = Code("key-with-space", ERROR, "{path}: the name {key!r} ends in a space")
NO_VALUE = Code("key-without-value", ERROR, "{path}: {text!r} is not KEY=VALUE")
BAD_PORT = Code("bad-port", ERROR, "{path}: {reason}")
BAD_MOUNT = Code("bad-mount", ERROR, "{path}: {reason}")
MOUNT_OPTION_IGNORED = Code(
    "mount-option-ignored",
    WARNING,
    "{path}: Compose ignores the mount option {options}",
    "the options it knows are ro, rw, nocopy, z, Z and the propagation modes",
)
DRIVE_LETTER = Code(
    "drive-letter",
    WARNING,
    "{path}: Compose reads {letter!r} as a drive letter, and makes an anonymous volume at {text!r}",
    "give the volume a name of two letters or more",
)
BAD_MODE = Code("bad-mode", ERROR, "{path}: {text!r} is not an octal file mode", "write '0440'")
BAD_DEVICE = Code("bad-device", ERROR, "{path}: {text!r} is not HOST[:CONTAINER[:PERMISSIONS]]")
BAD_HOST = Code("bad-host", ERROR, "{path}: {text!r} is not HOST=IP")
COUNT_AND_IDS = Code("contradiction", ERROR, "{path}: give either count or device_ids, not both")
BAD_GPUS = Code("wrong-type", ERROR, "{path} must be `all` or a list")
BAD_COMMAND = Code("bad-command", ERROR, "{path}: {reason}")
COMMAND_CUT = Code(
    "command-cut",
    WARNING,
    "{path}: only `{kept}` is run; Compose drops `{dropped}`",
    'no shell is involved; to get one, write ["sh", "-c", "..."]',
)
BAD_HEALTH_TEST = Code(
    "bad-health-test",
    ERROR,
    "{path} must start with CMD, CMD-SHELL or NONE, not {first!r}",
    "write the test as one string to run it in a shell",
)
EXTERNAL_NAMES = Code(
    "external-name", ERROR, "{path} has a `name` and another inside `external`", "keep `name` only"
)
EXTERNAL_NAME = Code(
    "external-name",
    WARNING,
    "{path}: a name inside `external` is deprecated",
    "write `external: true` and `name:` beside it",
)
VERSION_IGNORED = Code("version-ignored", INFO, "`version` is obsolete and ignored")
NO_SERVICES = Code("no-services", ERROR, "there are no services", "add a `services:` mapping")
CANNOT_OVERRIDE = Code(
    "cannot-override", ERROR, "{path}: {found} cannot override {base}", "`!override` replaces it"
)
FILE_MISSING = Code("file-missing", ERROR, "{path}: {name} does not exist")
IS_FOLDER = Code("file-missing", ERROR, "{path}: {name} is a folder, not a file")
REMOTE_FILE = Code(
    "remote-file",
    ERROR,
    "{name} is not on this machine, and nothing is fetched",
    "download it, and name the local file",
)
KEY_UNREAD = Code("key-unread", WARNING, "Compose reads no key {key!r} in {what}")
INCLUDE_CYCLE = Code("include-cycle", ERROR, "files include each other in a circle: {chain}")
INCLUDE_LIMIT = Code(
    "include-limit", ERROR, "more than {depth} files deep, or more than {files} files, are included"
)
EXTENDS_UNKNOWN = Code(
    "extends-unknown", ERROR, "{path}: there is no service {name!r} in {file}", "{known}"
)
EXTENDS_NO_SERVICES = Code("extends-unknown", ERROR, "{path}: {name} has no `services:`")
EXTENDS_CYCLE = Code(
    "extends-cycle",
    ERROR,
    "services extend each other in a circle: {chain}",
    "remove one of the links in it",
)

NOT_IN_SCHEMA = Code(
    "not-in-schema",
    INFO,
    "{path}: the schema of compose files has it otherwise: {said}",
    "it is read all the same; an editor that knows the schema marks it",
)

# ---------------------------------------------------------------------------- project

BAD_PROJECT_NAME = Code(
    "bad-project-name",
    ERROR,
    "{name!r} cannot be a project name",
    "it has only lower-case letters, digits, dashes and underscores, and starts with a letter or digit; try {normal}",
)
EMPTY_PROJECT_NAME = Code(
    "bad-project-name", ERROR, "no project name can be made of {given!r}", "give one with -p NAME"
)
PROFILES_OFF = Code(
    "profiles-off",
    INFO,
    "left out, because their profile is off: {services}",
    "--profile NAME turns one on ({profiles})",
)
NO_IMAGE = Code(
    "no-image", ERROR, "{path} has neither `image` nor `build`", "say which image it runs"
)
UNDEFINED = Code(
    "undefined", ERROR, "{path} refers to the {kind} {name!r}, which is not defined", "{known}"
)
SERVICE_OFF = Code(
    "undefined",
    ERROR,
    "{path} needs the service {name!r}, whose profile is off",
    "--profile {profile} turns it on; `required: false` in `depends_on` does without it",
)
PLATFORM_NOT_BUILT = Code(
    "contradiction",
    ERROR,
    "{path}: build.platforms lacks {platform}, which `platform` says it runs on",
)
NOT_BUILDABLE = Code(
    "undefined", ERROR, "{path}: the service {name!r} has no `build` to take a context from"
)
CONTRADICTION = Code("contradiction", ERROR, "{path} cannot have both `{first}` and `{second}`")
DISAGREE = Code(
    "contradiction",
    ERROR,
    "{path}: `{first}` and `{second}` say different things",
    "write the value in one place only",
)
ONE_SOURCE = Code("one-source", ERROR, "{path} needs exactly one of {sources}, or `external: true`")
EXTERNAL_CONFLICT = Code(
    "contradiction", ERROR, "{path} is external, so it cannot also have `{key}`"
)
MOUNTED_TWICE = Code("mounted-twice", ERROR, "{path}: two mounts on {target}")
CONTAINER_NAME_SCALED = Code(
    "container-name", ERROR, "{path}: {replicas} containers cannot all be called {name!r}"
)
CONTAINER_NAME_TWICE = Code(
    "container-name", ERROR, "{path}: container_name {name!r} is taken by another service"
)
CYCLE = Code(
    "dependency-cycle",
    ERROR,
    "services depend on each other in a circle: {chain}",
    "remove one of the links in it",
)

# ---------------------------------------------------------------------------- old formats

LEGACY_V1 = Code(
    "legacy-v1",
    WARNING,
    "a file of Compose's first format, with services at the top level",
    "indent them under `services:`",
)
LEGACY_KEY = Code("legacy-key", WARNING, "`{key}` is an old key, read as `{now}`", "write `{now}`")
LEGACY_UNIT = Code(
    "legacy-key", WARNING, "`{key}: {given}` is read as {now} microseconds", "write {key}: {now}"
)
LEGACY_VOLUME = Code(
    "legacy-volume",
    WARNING,
    "the volume {name!r} is not declared; it is taken as declared, as old Compose did",
    "add it under the top-level `volumes:`",
)
LEGACY_DRIVERS = Code(
    "legacy-volume",
    WARNING,
    "the volume {name!r} has the driver {driver}; {other} of another service is left out",
    "write the `driver` of each volume under the top-level `volumes:`",
)
LEGACY_REFUSED = Code(
    "legacy-refused", ERROR, "{what} is an old form", "leave --no-legacy out to have it upgraded"
)

# ---------------------------------------------------------------------------- import

BAD_JSON = Code("bad-json", ERROR, "not valid JSON: {reason}")
JSON_KEY_TWICE = Code("json-key-twice", ERROR, "the key {key!r} is given twice")
IMPORT_NOTHING = Code(
    "import-nothing",
    ERROR,
    "{name} holds nothing that can be imported",
    "what can be: request bodies, what `aws ecs describe-task-definition` and its like print, and what `convert` writes",
)
IMPORT_NO_TASK = Code(
    "import-nothing",
    ERROR,
    "there is no task definition in the files",
    "a compose file is made of task definitions; services, target groups and rules add to them",
)
IMPORT_CLOUDFORMATION = Code(
    "import-template",
    ERROR,
    "a CloudFormation template is not ECS JSON",
    "import what runs: aws ecs describe-task-definition --task-definition FAMILY",
)
IMPORT_BAD_NAME = Code(
    "import-bad-name",
    ERROR,
    "{path}: {name!r} is no name that AWS takes",
    "it has 1 to 255 letters, digits, dashes and underscores",
)
IMPORT_TWICE = Code("import-twice", ERROR, "the {kind} {name!r} is given twice")
IMPORT_ANSWERED = Code(
    "import-answered",
    INFO,
    "the {kind} {name!r}: what AWS fills in itself is left out: {fields}",
)
IMPORT_LEFT_OUT = Code("import-left-out", WARNING, "{path} is left out: {reason}")
IMPORT_RENAMED = Code(
    "import-renamed",
    WARNING,
    "the container {name!r} of {task} becomes {key!r}: other tasks have containers of that name, and services need unlike ones",
    "import the task definition by itself to keep the name",
)
IMPORT_SERVICE_NAME = Code(
    "import-renamed",
    WARNING,
    "the service {name!r} becomes {key!r}: a service is called as its task definition",
)
IMPORT_GROUP_NAME = Code(
    "import-renamed",
    WARNING,
    "the target group {name!r} becomes {key!r}: target groups are called as what they lead to",
)
IMPORT_CLUSTER = Code(
    "import-left-out",
    WARNING,
    "the cluster {cluster!r} of {name} is left out: the project's is {other!r}",
    "import what runs on another cluster by itself",
)
IMPORT_OVERRIDDEN = Code(
    "import-override",
    INFO,
    "{path}: no key of Compose or x-ecs says just this, so it stays JSON, in `overrides.{part}` of {service}",
)
IMPORT_DIFFERS = Code(
    "import-differs", WARNING, "{path} does not come out the same when the result is converted"
)
IMPORT_REFUSED = Code(
    "import-refused",
    ERROR,
    "no compose file can be made of this: {said}",
    "correct it in the JSON, or leave it out there",
)
IMPORT_UNSOUND = Code("import-unsound", WARNING, "`convert` will refuse the result: {said}")

# ---------------------------------------------------------------------------- x-ecs and settings

BAD_SETTING = Code("bad-setting", ERROR, "{setting} must be one of {choices}, not {value!r}")
IGNORES_NOTHING = Code(
    "ignores-nothing",
    WARNING,
    "`x-ecs: {{ignore: [{name}]}}` ignores nothing, as there is no such code{guess}",
    "each message ends in its code; `compose2ecs check --list` has those of AWS's rules",
)
BAD_NAMES = Code(
    "bad-names",
    ERROR,
    "the name pattern {text!r} must hold {{service}}, and nothing else in braces but {{stack}} and {{project}}",
    "the usual one is {{stack}}-{{service}}",
)
BAD_TASK_NAME = Code(
    "bad-name",
    ERROR,
    "{path}: {name!r} is no name for a task",
    "it has 1 to 255 letters, digits, dashes and underscores",
)
BAD_PLACEMENT = Code(
    "bad-placement",
    ERROR,
    "{path} must be one of spread: FIELD, binpack: cpu, binpack: memory, random",
)
TOO_MANY = Code("too-many", ERROR, "{path}: {number} {what}; AWS allows {limit}")
LAUNCH_TYPES_DIFFER = Code(
    "launch-types-differ",
    ERROR,
    "{service} shares a task with {other}, whose `x-ecs: {{{key}: ...}}` is another",
    "a task runs in one place: say it once, or take the services apart",
)
SERVICE_OVER_FLAG = Code(
    "launch-type-of-service",
    INFO,
    "{service} keeps its own `x-ecs: {{{key}: ...}}`: the {given} that is asked for is the project's",
    "remove `{key}` from the service to have it launched as the others",
)
LAUNCH_TYPE_AND_PROVIDERS = Code(
    "launch-type-and-providers",
    WARNING,
    "a launch type and capacity providers exclude each other: the capacity providers are used",
    "remove one of `launch_type` and `capacity_providers`",
)
PROVIDERS_MIXED = Code(
    "providers-mixed",
    ERROR,
    "FARGATE and FARGATE_SPOT cannot stand beside capacity providers of instances",
    "ECS takes strategies of the one kind or of the other",
)
NETWORK_MODES_DIFFER = Code(
    "network-modes-differ",
    WARNING,
    "{service} asks for {mode} networking, but its task has {used}, as {other} asks",
    "a task has one network mode; take the services apart if they need their own",
)
DEFAULT_SECURITY_GROUP = Code(
    "default-security-group",
    INFO,
    "no security group is named, so awsvpc tasks get the default one of their VPC",
    "name those that let the load balancer in: x-ecs: {{network: {{security_groups: [...]}}}}",
)
PUBLIC_IP_ON_EC2 = Code(
    "public-ip-on-ec2",
    WARNING,
    "`public_ip` is left out: tasks on EC2 instances get no public address",
    "put the instances into public subnets, or launch on FARGATE",
)
NEEDS_ONE_KEY = Code("missing-key", ERROR, "{path} needs `{first}` or `{second}`")
NOT_ABOVE_ZERO = Code("out-of-range", ERROR, "{path} must be above 0, not {value}")
BAD_FORM = Code("bad-form", ERROR, "{path} must be {wanted}, which {text!r} is not")
BAD_CHANGE = Code(
    "bad-form",
    ERROR,
    "{path} must be a number of tasks, or a percentage such as -10%, not {text!r}",
)
SCALING_BOUNDS = Code("out-of-range", ERROR, "{path}: min ({low}) is over max ({high})")
SCALING_CROSSES = Code(
    "out-of-range",
    ERROR,
    "{path}: a scheduled change sets {key} alone to {value}, and {other} is {bound}: AWS refuses bounds that cross",
    "let the change set both min and max",
)
NO_TIMEZONE = Code(
    "bad-timezone",
    ERROR,
    "{path}: {timezone!r} is not the name of a time zone",
    "write one of the IANA names, such as Europe/Berlin",
)
MUST_BE = Code("bad-form", ERROR, "{path} must be {wanted}")
BAD_REGEX = Code("bad-regex", ERROR, "{path}: {reason}")
BAD_LISTENER = Code(
    "bad-listener",
    ERROR,
    "{value!r} is not the ARN of a listener",
    "it looks like arn:aws:elasticloadbalancing:REGION:ACCOUNT:listener/app/NAME/ID/ID; `none` is for no load balancer",
)
LISTENER_OF_NETWORK = Code(
    "bad-listener",
    ERROR,
    "the listener is a network load balancer's, which has no rules for HTTP",
    "name a listener of an application load balancer, listener/app/...",
)
LISTENER_TWICE = Code(
    "listener-twice",
    WARNING,
    "`load_balancer` has no effect beside a `listener`, which says more",
    "remove one of them",
)
BAD_DOMAIN = Code(
    "bad-domain",
    ERROR,
    "{value!r} is not a domain that hosts can be made under",
    "it looks like qa.example.com",
)

VOLUME_KIND = Code("volume-kind", ERROR, "{path} needs exactly one of `efs`, `ebs` and `scope`")
EFS_ROOT = Code(
    "efs-access",
    ERROR,
    "{path}: an access point has its own root directory: leave `root_directory` out",
)
EFS_TRANSIT = Code(
    "efs-access",
    ERROR,
    "{path}: `{key}` needs encryption in transit: leave `transit_encryption` out",
)
EBS_OPTION = Code(
    "ebs-option", ERROR, "{path}: an EBS volume of type {kind} has no `{key}` to choose"
)
EBS_KEY = Code(
    "ebs-option", ERROR, "{path}: a `kms_key` encrypts the volume: leave `encrypted` out"
)
BAD_SECRET_SOURCE = Code(
    "secret-source",
    ERROR,
    "{path}: ECS cannot read a secret from there: {reason}",
    "write the name of an SSM parameter (/shop/password), or the ARN of one or of a secret",
)
BAD_VARIABLE_NAME = Code(
    "secret-source", ERROR, "{path}: {name!r} cannot be the name of a variable"
)
BAD_CREDENTIALS = Code(
    "secret-source",
    ERROR,
    "{path} must be the ARN of a secret of Secrets Manager",
    'the secret holds {{"username": ..., "password": ...}}; one key of it cannot be named',
)

AWS_UNKNOWN_KEY = Code(
    "aws-unknown-key",
    ERROR,
    "{path}: AWS knows no {key!r} in {shape}{guess}",
    "botocore {version} is asked; `pip install -U boto3` gets what AWS has added since",
)
AWS_CHOICE = Code(
    "aws-choice",
    ERROR,
    "{path} must be one of {choices}, not {value!r}{guess}",
    "botocore {version} is asked; `pip install -U boto3` gets what AWS has added since",
)
AWS_SIZE = Code("aws-size", ERROR, "{path} must have {bounds} {of}, not {size}")
AWS_RANGE = Code("out-of-range", ERROR, "{path} must be {bounds}, not {value}")
OVERRIDE_REFUSED = Code(
    "override-refused", ERROR, "{path} cannot be overridden: other things rely on it", "{advice}"
)
OVERRIDES_DIFFER = Code(
    "overrides-differ",
    ERROR,
    "{path} is another than that of a service in the same task",
    "they share it: say it once, or take the services apart",
)
OVERRIDE_LACKS = Code("override-lacks", ERROR, "{path} would have no {key!r}, which AWS requires")
OVERRIDE_DEAD = Code(
    "override-dead",
    WARNING,
    "`overrides: {{{key}: ...}}` of {service} has no effect: it has {what}",
)

EXTERNAL_SERVICE = Code(
    "external-service",
    WARNING,
    "{service} runs elsewhere, at {address}: it is not deployed, and the name {service} is not known to {others}",
    "{advice}",
)
EXTERNAL_HOST = Code(
    "external-service",
    INFO,
    "{service} runs elsewhere: it is not deployed, and its name leads to {host} in {others}, where port {port} must be named with it",
)
EXTERNAL_KEPT = Code(
    "external-service",
    INFO,
    "{service}: its `extra_hosts` lead {name} to {used}, and not to {address}, where x-ecs says that it runs",
    "remove the entry to have it reach {address}",
)
EXTERNAL_PORT = Code(
    "external-port",
    WARNING,
    "{service}: {variable} says port {used} for {host}, and {name} runs elsewhere on port {port}",
    "write {port} into {variable}: only the address comes of `x-ecs: {{external: ...}}`",
)
EXTERNAL_PORT_UNSAID = Code(
    "external-port",
    WARNING,
    "{service}: {variable} names {host} without a port, which is taken for {usual}, and {name} runs elsewhere on port {port}",
    "say the port where the host is used: only the address comes of `x-ecs: {{external: ...}}`",
)
EXTERNAL_ELSEWHERE = Code(
    "external-service", INFO, "{service} runs elsewhere, at {address}: it is not deployed"
)

# ---------------------------------------------------------------------------- retired tools

CAME_OVER = Code("came-over", INFO, "`{path}` is `{form}`")
CAME_OVER_EVERYWHERE = Code("came-over", INFO, "`{path}` is `{form}` of every service")
CAME_OVER_FIRST = Code(
    "came-over", INFO, "`{path}` is `{form}`, in the place of {beaten} of the compose file"
)
CAME_SECOND = Code("came-over", INFO, "`{path}` is left out: `{form}` is there already")
CAME_AS_IS = Code("came-over", INFO, "`{path}` says what is so anyway")
NO_COUNTERPART = Code(
    "no-counterpart", WARNING, "`{path}` has no counterpart: {reason}", "{advice}"
)
ECS_PARAMS_LAYOUT = Code(
    "came-over",
    INFO,
    "the whole project becomes one task, as with ecs-cli: `x-ecs: {{layout: single}}`",
    "--layout linked, or the same in x-ecs, makes each service a task of its own where it can be",
)
ECS_PARAMS_FARGATE = Code(
    "came-over",
    INFO,
    "`{path}` is for Fargate alone, so the launch type is taken to be that: `x-ecs: {{launch_type: FARGATE}}`",
    "--launch-type EC2, or the same in x-ecs, if it is not so",
)
ECS_PARAMS_SERVICE = Code(
    "ecs-params-service",
    WARNING,
    "`{path}.{name}` is left out: there is no such service",
    "{known}",
)
ECS_PARAMS_ESSENTIAL = Code(
    "ecs-params-essential",
    ERROR,
    "no container of the task would be essential",
    "ECS needs one whose end ends the task: leave `essential: false` out there",
)
X_AWS_LAUNCH = Code(
    "came-over",
    INFO,
    "Docker's ECS integration ran everything on Fargate; here it runs on EC2 unless something says otherwise",
    "--launch-type FARGATE, or x-ecs: {{launch_type: FARGATE}}",
)
X_AWS_NETWORK = Code("came-over", INFO, "`{path}` is `{form}` of the services in that network")
X_AWS_KEYS = Code(
    "x-aws-keys",
    WARNING,
    "`{path}`: {names} of the secret are variables of the container, not files in {folder}",
    "ECS makes no files of secrets: let the program read the variables",
)
ECS_PARAMS_UNREAD = Code(
    "ecs-params-unread",
    INFO,
    "{name} is there, and was not read",
    "--ecs-params {name} reads it",
)

PROVIDED_ELSEWHERE = Code(
    "provided-elsewhere",
    WARNING,
    "{service} is not deployed: its `provider` is a program on the machine of `docker compose`",
    "where it runs already, say so with x-ecs: {{external: host:port}}",
)
DEPENDENCY_OPTION_LOST = Code(
    "dependency-option",
    WARNING,
    "{service}: `restart: true` towards {name} has no effect: ECS restarts nothing because another service was updated",
)
DEVICE_OPTION_LOST = Code(
    "device-option", WARNING, "{service}: `{key}` of a device has no form on ECS; it is left out"
)

# ---------------------------------------------------------------------------- tasks

NOTHING_TO_RUN = Code(
    "nothing-to-run",
    ERROR,
    "no service is left to run",
    "are all of them external, or their profiles off?",
)
TOO_MANY_CONTAINERS = Code(
    "too-many-containers",
    ERROR,
    "task {task!r} would have {number} containers; ECS allows {limit}",
    "they were joined by: {edges}",
)
UNEQUAL_REPLICAS = Code(
    "unequal-replicas",
    ERROR,
    "the services of task {task!r} have different numbers of replicas ({counts})",
    "a task is copied as a whole: give them the same number, or tasks of their own",
)
TASK_NAMES_DIFFER = Code(
    "tasks-differ",
    ERROR,
    "{service} is to be in task {task!r}, but shares one with {other}, which is to be in {used!r} ({why})",
    "give both the same `x-ecs: {{task: ...}}`, or remove what joins them",
)
TASK_NAME_UNUSED = Code(
    "tasks-differ",
    WARNING,
    "{service} is to be in task {task!r}, but with `layout: single` all share the task {used!r} of {other}",
    "remove `layout: single`, or the name",
)
ROLES_DIFFER = Code(
    "roles-differ",
    ERROR,
    "{service} wants the {kind} role {own!r}, but shares task {task!r} with {other}, which wants {theirs!r}",
    "a task has one role of each kind: give both the same, or tasks of their own",
)
TASK_DISAGREES = Code(
    "task-disagrees",
    WARNING,
    "{service} shares task {task!r} with {other}, whose `{key}` is another: that of {other} is used",
    "say it once, or give the services tasks of their own",
)
HOST_SHARED = Code(
    "host-shared",
    WARNING,
    "{service} gets `{key}` as well: it shares task {task!r} with {other}, which asks for it",
    "give {other} a task of its own",
)
GLOBAL_SPREADS = Code(
    "global-spreads",
    WARNING,
    "{service} runs on each instance as well: it shares task {task!r} with {other}, which is `mode: global`",
    "give {other} a task of its own",
)
CONSTRAINTS_JOINED = Code(
    "constraints-joined",
    INFO,
    "{service} shares task {task!r} with {other}, and their placement constraints differ: an instance must meet those of both",
)
CONSTRAINTS_OPPOSED = Code(
    "constraints-joined",
    WARNING,
    "{service} shares task {task!r} with {other}: no instance meets both {first!r} and {second!r}, so the task is placed nowhere",
    "give the services tasks of their own, or the same constraint",
)
STATE_BESIDE_APP = Code(
    "state-beside-app",
    WARNING,
    "{service} keeps data and shares task {task!r} with {others}: it restarts whenever they are deployed",
    "without what joins them (links, x-ecs.task, shared volumes or namespaces) it is a task of its own",
)
LINKS_TO_SERVICE_CONNECT = Code(
    "links-not-in-one-task",
    WARNING,
    "links of {service} become Service Connect names, in tasks of their own: {who} needs {named}, and {outside} is outside of what is linked",
    "link {outside} as well to get one task, or set x-ecs: {{discovery: links}}",
)
NAMES_COLLIDE = Code(
    "names-collide",
    ERROR,
    "{service} and {other} would both be called {name!r} on AWS",
    "rename one of them",
)
LINKED_TASK_ALONE = Code(
    "linked-task-alone",
    INFO,
    "task {task!r} uses links, so the other tasks do not reach it by name, nor it them",
    "without `links` it is found by Service Connect",
)
JOB_AT_EACH_START = Code(
    "job-at-each-start",
    INFO,
    "{service} runs to completion at every start of task {task!r}, before the containers that wait for it",
)
COMPLETING_KEYS_LOST = Code(
    "key-lost",
    WARNING,
    "{service}: {keys} have no effect: it runs to completion in the task of others, which has what those services say",
    "write them at the services that wait for it",
)
JOB_ELSEWHERE = Code(
    "job-elsewhere",
    WARNING,
    "{service} does not wait for {name}, which runs to completion in the tasks of others ({hosts})",
    "with the condition service_completed_successfully it runs before {service} as well",
)
JOB_KEEPS_RUNNING = Code(
    "job-mode",
    WARNING,
    "{service}: `deploy.mode: {mode}` has no form on ECS: its task is started again whenever it ends",
    "x-ecs: {{job: once}} makes it a task that runs once",
)
LINKS_WITHOUT_BRIDGE = Code(
    "links-not-in-one-task",
    WARNING,
    "links of {service} become Service Connect names where there are any, in tasks of their own: containers have no links on {place}",
    "x-ecs: {{task: NAME}} puts services into one task, where they share localhost",
)
PORT_TWICE_IN_TASK = Code(
    "port-twice-in-task",
    ERROR,
    "{service} and {other} both listen on port {port}, and share the network of task {task!r}",
    "let one of them listen on another port, or give them tasks of their own",
)
FARGATE_SIZE = Code(
    "fargate-size",
    INFO,
    "task {task!r} gets {vcpu} vCPU and {mib} MiB, the cheapest Fargate size for {asked_vcpu} vCPU and {asked_mib} MiB{assumed} ({spare_vcpu} vCPU and {spare_mib} MiB to spare)",
    "deploy.resources or mem_limit say what a container needs",
)
FARGATE_TOO_LARGE = Code(
    "fargate-too-large",
    ERROR,
    "task {task!r} needs {cpu} CPU units and {mib} MiB, more than the largest Fargate size (32768 and 249856)",
    "give its services tasks of their own, or launch it on EC2",
)
STEP_AT_EACH_START = Code(
    "job-at-each-start",
    INFO,
    "{service}: its `pre_start` runs as a container of its own at every start of task {task!r}",
)
STEP_FOR_EACH_COPY = Code(
    "step-for-each-copy",
    WARNING,
    "{service}: this step of `pre_start` runs before each copy, not once before the first",
    "let it find out for itself whether it is needed, or make it a service with x-ecs: {{job: once}}",
)
HEALTHY_WITHOUT_CHECK = Code(
    "healthy-without-check",
    WARNING,
    "{service} waits for {name} to be healthy, but {name} has no `healthcheck` here (ECS ignores the image's): it waits for the start only",
    "write the check into the file",
)
HEALTHY_ACROSS_TASKS = Code(
    "healthy-across-tasks",
    INFO,
    "{service} waits for {name} to be healthy: in another task that is only the order of deployment",
    "a client should try again until its server answers",
)
TASK_MEMORY_GUESSED = Code(
    "task-memory",
    INFO,
    "task {task!r} may use {mib} MiB and no more: Service Connect needs a hard limit, and 512 MiB are counted where none is given ({names})",
    "set mem_limit or deploy.resources.limits.memory",
)
TASK_MEMORY = Code(
    "task-memory",
    INFO,
    "task {task!r} may use {mib} MiB: Service Connect needs a hard limit (64 MiB of it are its proxy's)",
    "mem_limit or deploy.resources.limits.memory sets each container's part",
)
ONCE_RUN = Code(
    "runs-once",
    INFO,
    "{service} is a task that runs once, whenever run-tasks/{name}.json is given to `aws ecs run-task`",
)
ONCE_FIRST = Code(
    "runs-once",
    INFO,
    "{service} waits for {name}, which is a task that runs once: run that first, and see it end with exit code 0",
)
ONCE_NEEDS_NAME = Code(
    "runs-once-alone",
    ERROR,
    "{service} needs {name}, which is in another task: a task that runs once has no Service Connect, so it does not know that name",
    "{advice}",
)
ONCE_SHARES = Code(
    "runs-once-alone",
    ERROR,
    "{service}: `{key}` names {name}, which is in another task: a task that runs once is alone",
    "without `job: once` it runs first in the task of each service that waits for it",
)
ONCE_IN_TASK = Code(
    "runs-once-alone",
    ERROR,
    "{service}: a task that runs once is alone, so it cannot be in task {task!r} with {others}",
    "remove `job: once`, or `task`",
)
ONCE_FACT_LOST = Code(
    "runs-once-alone",
    WARNING,
    "{service}: `x-ecs: {{{key}: ...}}` has no effect: it is for services, and this runs once",
)
JOB_NEEDS_NAME = Code(
    "job-alone",
    WARNING,
    "{service} needs {name}, which is in another task: the task of a job has no Service Connect, so it does not know that name",
    "write an address that stays into a variable of the job: that of a load balancer that leads to {name}, or of a {name} that runs elsewhere",
)
ONCE_NOT_REACHED = Code(
    "runs-once-unreached",
    WARNING,
    "{service}: {how} {name}, which is a task that runs once: no service starts it or reaches it by name",
    "remove that from {service}, or the `job: once` from {name}",
)
JOB_AND_SERVICE = Code(
    "names-collide", ERROR, "{name} is a job and a service", "rename one of them"
)
JOB_NEVER = Code(
    "job-never", INFO, "{name} has no schedule and `manual: false`: it never runs, and is left out"
)
JOB_MANUAL = Code(
    "job-manual",
    INFO,
    "{service} runs whenever run-tasks/{name}.json is given to `aws ecs run-task`",
)
BAD_CRON = Code(
    "bad-cron",
    ERROR,
    "{service}: the schedule {cron!r} cannot be said on AWS: {reason}",
    "five fields of numbers: minute, hour, day of the month, month, day of the week; two schedules make up for what one cannot say",
)
CRON_BEYOND = Code(
    "cron-form",
    INFO,
    "{service}: {cron!r} is read as {expression}; Docker Engine itself takes neither names nor shortcuts",
    "write five fields of numbers to have it run everywhere",
)
BAD_TIMEZONE = Code(
    "bad-timezone",
    ERROR,
    "{service}: {timezone!r} is not the name of a time zone",
    "write one of the IANA names, such as Europe/Berlin",
)
JOB_OVERLAP = Code(
    "job-overlap",
    INFO,
    "{service}: a run starts whether the one before has ended or not; Docker Engine would leave it out",
    "take a lock in the job if two runs must not meet",
)
JOB_OVERLAP_LOST = Code(
    "job-overlap",
    WARNING,
    "{service}: `concurrency: {policy}` has no form on AWS: a run starts whether the one before has ended or not",
    "take a lock in the job if two runs must not meet",
)
JOB_EBS = Code(
    "job-volume",
    ERROR,
    "{service}: a schedule cannot make the EBS volume of its task",
    "use EFS, or run the job by hand: triggers: {{manual: true}}",
)
JOB_LATE_ONE = Code(
    "job-late",
    INFO,
    "{service}: `missed_fires: one`: each run that cannot be started is tried again for an hour",
)
JOB_LATE_SKIP = Code(
    "job-late",
    INFO,
    "{service}: `missed_fires: skip`: a run that cannot be started is not tried again",
)

# ---------------------------------------------------------------------------- containers

KEY_LOST = Code(
    "key-lost", WARNING, "{service}: `{key}` has no effect on ECS: {reason}", "{advice}"
)
RAISED = Code("raised", INFO, "{service}: {key} is raised to {value}, the least that ECS takes")
NETWORK_INTERNAL = Code(
    "network-internal",
    WARNING,
    "network {name}: `internal` has no effect on ECS: its services can reach the outside",
    "deny it with the security groups or subnets of the instances",
)
NETWORK_KEY = Code(
    "network-key",
    INFO,
    "network {name}: {keys} of it makes no difference on ECS, which has networks of its own",
)
KEY_IGNORED = Code("key-ignored", INFO, "`{key}` makes no difference on ECS: {reason}")
BUILD_AND_IMAGE = Code(
    "build-and-image",
    INFO,
    "{service} has `image` and `build`: {image} is what runs, and what a build must be pushed as",
)
IMAGE_BUILT = Code(
    "image-built",
    INFO,
    "{service} has no `image`: its build runs as {image} and must be pushed there",
)
PLATFORM_UNKNOWN = Code(
    "platform",
    WARNING,
    "{service}: `platform: {platform}` is left out: only linux/amd64 and linux/arm64 are translated",
)
PLATFORMS_DIFFER = Code(
    "platform",
    ERROR,
    "task {task!r} would need two architectures: {platform} of {service}, and another of a service before it",
    "give them tasks of their own",
)
ENTRYPOINT_CLEARED = Code(
    "entrypoint-cleared",
    WARNING,
    "{service}: an empty `entrypoint` cannot be said on ECS; the image's own stays",
    "write the program as `entrypoint`",
)
COMMAND_CLEARED = Code(
    "command-cleared",
    WARNING,
    "{service}: an empty `command` cannot be said on ECS; the image's own stays",
    "write the program as `entrypoint`, which runs without the image's command",
)
RESTART_NO = Code(
    "restart",
    WARNING,
    "{service}: `restart: no` has no effect: an ECS service starts a new task when one ends",
    "something that runs once is a dependency with condition service_completed_successfully",
)
RESTART_ON_FAILURE = Code(
    "restart",
    INFO,
    "{service}: with `restart: on-failure` Compose leaves a container alone that ended well; an ECS service starts it again",
)
VARIABLE_WITHOUT_VALUE = Code(
    "variable-without-value",
    WARNING,
    "{service}: the variable {name} has no value here, so the container does not get it",
    "set it in the environment or in .env, or write {name}=value",
)
SECRET_LEFT_OUT = Code(
    "secret-left-out",
    WARNING,
    "{service}: the secret {name!r} is a file of this machine; {path} will not be in the container",
    "put it into SSM or Secrets Manager and pass it as a variable: x-ecs: {{secrets: {{{variable}: parameter}}}}",
)
SECRET_OF_ENVIRONMENT = Code(
    "secret-left-out",
    WARNING,
    "{service}: the secret {name!r} is a variable of this machine; {path} will not be in the container",
    "put it into SSM or Secrets Manager and pass it as a variable: x-ecs: {{secrets: {{{variable}: parameter}}}}",
)
SECRET_EXTERNAL = Code(
    "secret-left-out",
    WARNING,
    "{service}: nothing says where ECS finds the secret {name!r}; {path} will not be in the container",
    "name the parameter or the secret's ARN, and it becomes a variable: x-ecs: {{secrets: {{{variable}: ...}}}}",
)
SECRET_AS_VARIABLE = Code(
    "secret-as-variable",
    WARNING,
    "{service}: the secret {name!r} comes as the variable {variable}: ECS has no secret files, so {path} will not be in the container",
    "read the variable; another name for it: x-ecs: {{secrets: {{NAME: ...}}}}",
)
SECRET_FOR_FILE = Code(
    "secret-as-variable",
    WARNING,
    "{service}: the secret {name!r} comes as the variable {variable}: ECS has no secret files, so {variable}_FILE is left out",
    "images that know {variable}_FILE know {variable} as well; a program of your own has to read it",
)
SECRET_FILE_NAMED = Code(
    "secret-file-named",
    WARNING,
    "{service}: the variable {variable} names {path}, which will not be in the container",
    "let the program read the value itself, from the variable {instead}",
)
SECRET_WINS = Code(
    "secret-wins",
    INFO,
    "{service}: the variable {variable} comes from a secret; its value in the compose file is not used",
)
SECRETS_COLLIDE = Code(
    "secrets-collide",
    ERROR,
    "{service}: the secrets {name!r} and {other!r} would both be the variable {variable}",
    "give one of them another `target`",
)
PLAIN_CREDENTIALS = Code(
    "plain-credentials",
    WARNING,
    "{service}: credentials in plain text: {names}; whoever may look at the task definition sees them",
    "keep them in SSM or Secrets Manager: x-ecs: {{secrets: {{{first}: parameter}}}}",
)
CONFIG_LEFT_OUT = Code(
    "config-left-out",
    WARNING,
    "{service}: the config {name!r} is left out; {target} will not be in the container",
    "copy it into the image, or pass it as a variable",
)
PUBLISHED_IS_INTENT = Code(
    "published-port",
    INFO,
    "published ports are read as what to route: on the instance every port is dynamic (hostPort 0)",
    "`mode: host` in the long form of a port keeps its published number",
)
PORTS_WITHOUT_NETWORK = Code(
    "ports-without-network",
    WARNING,
    "{service}: with `network_mode: none` no port can be reached; `ports` is left out",
)
EXPOSE_LEFT_OUT = Code(
    "expose", WARNING, "{service}: {text!r} is not a port to expose; it is left out"
)
CPU_IS_A_SHARE = Code(
    "cpu-share",
    INFO,
    "CPU limits are shares on EC2: a container may use more while nobody else needs it",
)
CPU_SHARES_ON_FARGATE = Code(
    "cpu-shares-on-fargate",
    WARNING,
    "{service}: `cpu_shares: {units}` only weighs containers in Docker, but on Fargate it buys {vcpu} vCPU",
    "say what it needs with `cpus` or deploy.resources",
)
PROTOCOL_LEFT_OUT = Code(
    "protocol", WARNING, "{service}: ECS maps no {protocol} ports; {port} is left out"
)
TCP_AND_UDP = Code(
    "tcp-and-udp",
    WARNING,
    "{service}: ECS cannot map port {port} for both tcp and udp; tcp is kept",
)
LOOPBACK_BINDING = Code(
    "loopback",
    WARNING,
    "{service}: port {port} is bound to {ip} here; on ECS whoever reaches the instance reaches it",
    "remove the port if only other services use it: `expose` is enough for them",
)
HOST_IP_DROPPED = Code(
    "host-ip", WARNING, "{service}: port {port} cannot be bound to the address {ip} on ECS"
)
RESERVATION_OVER_LIMIT = Code(
    "reservation-over-limit",
    ERROR,
    "{service}: the memory reservation ({reservation} MiB) is over the limit ({limit} MiB)",
)
DEFAULT_MEMORY = Code(
    "default-memory",
    INFO,
    "containers without memory settings reserve {mib} MiB",
    "mem_reservation, mem_limit or x-ecs: {{defaults: {{memory_reservation: ...}}}} says otherwise",
)
DEVICE_LEFT_OUT = Code(
    "device-left-out", WARNING, "{service}: the device {what} is left out: ECS has no field for it"
)
DEVICE_IDS = Code(
    "device-ids", WARNING, "{service}: ECS chooses the GPUs itself; {number} of them are asked for"
)
MOUNT_LEFT_OUT = Code(
    "mount-left-out", WARNING, "{service}: ECS has no {kind} mounts; {target} is left out"
)
VOLUME_ON_INSTANCE = Code(
    "volume-on-instance",
    WARNING,
    "{service}: the data of volume {name!r} stays on the instance that its task runs on",
    "a task that is placed elsewhere starts with an empty one; EFS keeps data for all instances",
)
VOLUME_IN_TWO_TASKS = Code(
    "volume-in-two-tasks",
    WARNING,
    "the volume {volume!r} is used by several tasks ({tasks}), which share it only while they are on one instance",
    "put the services into one task (x-ecs: {{task: NAME}}), or use EFS: x-ecs: {{volumes: {{{volume}: {{efs: fs-...}}}}}}",
)
VOLUME_FOR_EACH_TASK = Code(
    "volume-in-two-tasks",
    WARNING,
    "the volume {volume!r} is used by several tasks ({tasks}), and each of them has one of its own: they share no data",
    "put the services into one task (x-ecs: {{task: NAME}}), or use EFS: x-ecs: {{volumes: {{{volume}: {{efs: fs-...}}}}}}",
)
VOLUME_ON_FARGATE = Code(
    "volume-on-fargate",
    WARNING,
    "{service}: the volume {name!r} is empty at each start of the task, and its data is gone with the task",
    "EFS keeps data on Fargate: x-ecs: {{volumes: {{{name}: {{efs: fs-...}}}}}}",
)
VOLUME_EXTERNAL_ON_FARGATE = Code(
    "volume-left-out",
    WARNING,
    "{service}: the volume {name!r} cannot be the one that is there already: Fargate has no Docker volumes",
)
VOLUME_DRIVER_ON_FARGATE = Code(
    "volume-left-out",
    WARNING,
    "{service}: the driver and the options of volume {name!r} have no effect: Fargate has no Docker volumes",
)
VOLUME_OF_TASK = Code(
    "volume-of-task", INFO, "{service}: the volume {name!r} comes and goes with its task, as asked"
)
VOLUME_RENAMED = Code(
    "volume-renamed",
    INFO,
    "{service}: the volume {name!r} is called {used!r}: ECS takes letters, digits, - and _",
)
VOLUME_IS_ANOTHER = Code(
    "volume-renamed",
    WARNING,
    "{service}: the volume {name!r} cannot be named on ECS, which takes letters, digits, - and _; the task looks for {used!r}",
    "create a volume of that name on the instances, or mount its folder instead",
)
VOLUME_RETIRED_OPTIONS = Code(
    "volume-retired-options",
    WARNING,
    "the options {options} of volume {name!r} are those with which Docker's ECS integration made an EFS file system; none is made here",
    "make one, and name it: x-ecs: {{volumes: {{{name}: {{efs: fs-...}}}}}}",
)
VOLUME_OF_THIS_MACHINE = Code(
    "bind-left-out",
    WARNING,
    "the volume {name!r} is {device}, a folder of this machine: on ECS it starts empty",
    "copy what is in it into the image, or keep it on EFS: x-ecs: {{volumes: {{{name}: {{efs: fs-...}}}}}}",
)
VOLUME_IS_FOLDER = Code(
    "volume-is-folder",
    WARNING,
    "the volume {name!r} is the folder {device} of whichever instance its task runs on: Docker does not create it, and no task starts where it is missing",
    "create it on each instance, or keep the data on EFS: x-ecs: {{volumes: {{{name}: {{efs: fs-...}}}}}}",
)
VOLUME_ON_EFS = Code(
    "volume-on-efs",
    INFO,
    "the volume {name!r} is the EFS file system {id}",
    "its mount targets must let the tasks in, on TCP port 2049",
)
VOLUME_ON_EFS_BY_OPTIONS = Code(
    "volume-on-efs",
    INFO,
    "the volume {name!r} is the EFS file system {id}, as its driver_opts say; ECS mounts it with options of its own",
    "its mount targets must let the tasks in, on TCP port 2049",
)
EFS_REGION = Code(
    "efs-region",
    WARNING,
    "the file system of volume {name!r} is in {region}, and tasks in {here} only find their own",
    "name a file system of {here}: x-ecs: {{volumes: {{{name}: {{efs: fs-...}}}}}}",
)
EFS_NEEDS_ROLE = Code(
    "efs-needs-role",
    WARNING,
    "{service}: with `iam`, the volume {name!r} is mounted by the task role, and there is none",
    "x-ecs: {{roles: {{task: ...}}}}",
)
EBS_FOR_EACH_TASK = Code(
    "ebs-for-each-task",
    WARNING,
    "{service}: each task gets an EBS volume of its own for {name!r}, which is deleted with the task",
    "EFS keeps data, and is shared by all tasks; a `snapshot` is what each volume starts from",
)
EBS_TWICE = Code(
    "ebs-volumes",
    ERROR,
    "{service}: the volume {name!r} is on EBS as {other!r} is, and the task {task!r} can have one EBS volume only",
    "put one of them on EFS, or give the services tasks of their own",
)
EBS_DAEMON = Code(
    "ebs-volumes",
    ERROR,
    "{service}: a service with `mode: global` gets no EBS volume, as {name!r} is",
)
SUBPATH_LOST = Code(
    "mount-option-lost",
    WARNING,
    "{service}: ECS mounts whole volumes; subpath {path!r} is left out",
)
MOUNT_OPTION_LOST = Code(
    "mount-option-lost", WARNING, "{service}: the mount option {option!r} has no effect on ECS"
)
BIND_LEFT_OUT = Code(
    "bind-left-out",
    WARNING,
    "{service}: {source} is on this machine only; nothing is mounted at {target}",
    "copy it into the image, or use an absolute path that exists on the instances",
)
BIND_ON_FARGATE = Code(
    "bind-left-out",
    WARNING,
    "{service}: Fargate has no folders to mount {source} from; nothing is mounted at {target}",
    "copy it into the image, or keep it on EFS: a named volume and x-ecs: {{volumes: ...}}",
)
DOCKER_SOCKET_LEFT_OUT = Code(
    "docker-socket",
    WARNING,
    "{service}: Fargate has no Docker to reach; nothing is mounted at {target}",
    "a service that starts containers itself runs on EC2: x-ecs: {{launch_type: EC2}}",
)
BIND_ON_INSTANCE = Code(
    "bind-on-instance",
    WARNING,
    "{service}: {source} is taken from the instance; Docker makes an empty folder where it does not exist",
)
DOCKER_SOCKET = Code(
    "docker-socket",
    WARNING,
    "{service}: with the Docker socket the container is root on the instance and sees every other task",
)
TMPFS_SIZE = Code(
    "tmpfs-size",
    WARNING,
    "{service}: ECS needs a size for the tmpfs {path}; it gets {mib} MiB",
    "write one: {path}:size={mib}m",
)
TMPFS_OPTION_LOST = Code(
    "tmpfs-option", WARNING, "{service}: the tmpfs option {option!r} is left out"
)
OTHER_CONTAINER = Code(
    "other-container",
    WARNING,
    "{service}: `{key}: container:{name}` names a container outside the project, which is not on ECS",
)
SHARES_WITH_ABSENT = Code(
    "shares-with-absent",
    ERROR,
    "{service}: `{key}` names {name}, which is not deployed here (x-ecs: {{external: ...}})",
    "what runs elsewhere shares neither network, volumes nor namespaces",
)
VOLUMES_FROM_OUTSIDE = Code(
    "volumes-from",
    ERROR,
    "{service}: `volumes_from` names {name}, which is in another task",
    "a service that runs to completion first shares the volumes of its own task only",
)
HEALTH_TEST_OF_IMAGE = Code(
    "health-test-of-image",
    WARNING,
    "{service}: ECS does not run the image's own health check, which this only tunes",
    "write its command as `test`",
)
START_INTERVAL = Code(
    "start-interval",
    WARNING,
    "{service}: ECS has no start_interval; checks always come at the interval",
)
HEALTH_CLAMPED = Code(
    "health-range",
    WARNING,
    "{service}: healthcheck.{key} is {value}, and ECS allows {low} to {high}; it becomes {used}",
)
LOG_GROUP_FOREIGN = Code(
    "log-group",
    INFO,
    "{service}: the log group {group} is not the stack's: it must exist",
)
RETENTION_SHARED = Code(
    "log-group",
    WARNING,
    "{service}: logs.retention_days of a service has no effect in the group {group}, which others share",
    "name a group of its own: x-ecs: {{logs: {{group: NAME, retention_days: ...}}}}",
)
LOG_LOCAL = Code(
    "log-driver",
    WARNING,
    "{service}: logs go to CloudWatch instead of files of {driver}, whose options have no effect",
    "x-ecs: {{logs: {{retention_days: ...}}}} limits what is kept",
)
LOG_NONE = Code("log-driver", WARNING, "{service}: ECS cannot drop logs; they go to CloudWatch")
LOG_DRIVER_UNKNOWN = Code(
    "log-driver", WARNING, "{service}: ECS has no log driver {driver!r}; logs go to CloudWatch"
)
LOG_DRIVER_OF_INSTANCE = Code(
    "log-driver-of-instance",
    INFO,
    "{service}: the log driver {driver} must be allowed on the instances (ECS_AVAILABLE_LOGGING_DRIVERS)",
)
NOT_ON_FARGATE = Code(
    "not-on-fargate", WARNING, "{service}: `{key}` is left out: {reason}", "{advice}"
)
NOT_IN_AWSVPC = Code(
    "not-in-awsvpc", WARNING, "{service}: `{key}` is left out: {reason}", "{advice}"
)
GPU_ON_FARGATE = Code(
    "gpu-on-fargate",
    ERROR,
    "{service}: Fargate has no GPUs",
    "launch it on instances that have them: x-ecs: {{launch_type: EC2}} of the service",
)
SYSCTL_OF_HOST = Code(
    "sysctl",
    WARNING,
    "{service}: {names} cannot be set with host networking: the network is the instance's",
    "set them on the instances",
)
CAPABILITY_ON_FARGATE = Code(
    "not-on-fargate",
    WARNING,
    "{service}: {names} is left out: Fargate adds no capability but SYS_PTRACE",
    "launch the service on EC2 if it cannot do without",
)
LOG_DRIVER_ON_FARGATE = Code(
    "log-driver",
    WARNING,
    "{service}: Fargate has no log driver {driver!r}; logs go to CloudWatch",
    "awslogs, splunk and awsfirelens are what it has",
)
STOP_TIMEOUT_ON_FARGATE = Code(
    "stop-timeout",
    WARNING,
    "{service}: it is killed after {limit} s, not {seconds} s: Fargate waits no longer",
)
STORAGE_OPTION_LOST = Code(
    "storage-option", WARNING, "{service}: the storage option {option} has no form on ECS"
)
STORAGE_CLAMPED = Code(
    "storage-option",
    WARNING,
    "{service}: a disk of {size} GiB is more than Fargate has; it gets {limit} GiB",
    "keep data on EFS: x-ecs: {{volumes: {{NAME: {{efs: ...}}}}}}",
)
CAPABILITY_UNKNOWN = Code(
    "capability", WARNING, "{service}: ECS does not know the capability {name}; it is left out"
)
SWAP_WITHOUT_LIMIT = Code(
    "swap", WARNING, "{service}: `memswap_limit` needs `mem_limit`; it is left out"
)
SWAP_UNLIMITED = Code(
    "swap", WARNING, "{service}: ECS has no unlimited swap (memswap_limit: -1); it is left out"
)
SWAPPINESS_WITHOUT_SWAP = Code(
    "swap",
    WARNING,
    "{service}: `mem_swappiness` counts only with a `memswap_limit`; it is left out",
)
SECURITY_OPTION_LOST = Code(
    "security-option", WARNING, "{service}: ECS does not take the security option {option!r}"
)
SYSCTL_LOST = Code(
    "sysctl", WARNING, "{service}: ECS does not set {name}; only namespaced parameters"
)
ULIMIT_UNKNOWN = Code(
    "ulimit", WARNING, "{service}: ECS has no limit called {name!r}; it is left out"
)
ULIMIT_ORDER = Code(
    "ulimit", ERROR, "{service}: the soft limit of {name} ({soft}) is over its hard limit ({hard})"
)
MODE_LEFT_OUT = Code(
    "mode-left-out", WARNING, "{service}: `{key}: {mode}` has no form on ECS; it is left out"
)
MODES_DIFFER = Code(
    "modes-differ", ERROR, "task {task!r} cannot have both {key} {first} and {second}"
)
ADDRESS_LOST = Code(
    "address-lost",
    WARNING,
    "{service}: `{key}: {address}` has no effect: ECS gives addresses itself",
)
NETWORK_OPTION_LOST = Code(
    "network-option",
    WARNING,
    "{service}: `{key}` of the network {name} has no effect: ECS has networks of its own",
)
ALIASES_LOST = Code(
    "aliases-lost",
    WARNING,
    "{service}: its names on network {name} ({aliases}) are not known on ECS; others reach it as {service}",
)
CONTAINER_NAME_LOST = Code(
    "container-name-lost",
    INFO,
    "{service}: ECS names containers itself; others reach it as {service}, not as {name}",
)
CONTAINER_NAME_USED = Code(
    "container-name-lost",
    WARNING,
    "{service}: {variable} names {name}, the container_name of {owner}: on ECS nothing has that name",
    "write {owner} into {variable}",
)
LINK_CIRCLE = Code(
    "link-circle",
    WARNING,
    "{service}: {variable} names {host}, which it does not know in task {task!r}: {way} is linked or waited for already, and ECS refuses links in a circle",
    "give them tasks of their own, where Service Connect has names for both ways, or awsvpc networking, where both are localhost",
)
LINK_ALIAS_LOST = Code(
    "link-alias-lost",
    WARNING,
    "{service}: the name {alias!r} is not known on ECS; it reaches the same as {name}",
    "write {name} where {alias} stands, in variables and commands",
)
HOST_GATEWAY = Code(
    "host-gateway", WARNING, "{service}: ECS has no host-gateway; {host} is left out"
)
NETWORK_MODE_LEFT_OUT = Code(
    "network-mode",
    WARNING,
    "{service}: `network_mode: {mode}` is left out: its task has {used} networking",
)
SHARED_NETWORK = Code(
    "network-mode",
    WARNING,
    "{service}: it does not share the network of {name}, which runs to completion before it",
)
LOCALHOST_TASK = Code(
    "shared-localhost",
    WARNING,
    "{service} reaches {name} as localhost, not as {name}: the containers of task {task!r} share one network",
    "set the variable that names it, or give them tasks of their own",
)
LOCALHOST_VARIABLE = Code(
    "shared-localhost",
    WARNING,
    "{service}: {variable} names {host}, which it reaches as localhost only: the containers of task {task!r} share one network",
    "write localhost into {variable}, or give them tasks of their own",
)
PUBLISHED_WITHOUT_BRIDGE = Code(
    "published-port",
    INFO,
    "published ports are read as what to route: with {mode} networking each task listens on the container's port",
)

# ---------------------------------------------------------------------------- discovery

NOT_REACHABLE = Code(
    "not-reachable",
    WARNING,
    "{service}: it needs {name}, which is in another task and not known to it by any name",
    "put both into one task (x-ecs: {{task: NAME}}), or let both have bridge or awsvpc networking, a common network and discovery: auto",
)
NOT_REACHABLE_NAMED = Code(
    "not-reachable",
    WARNING,
    "{service}: {variable} names {name}, which is in another task and not known to it by any name",
    "put both into one task (x-ecs: {{task: NAME}}), or let both have bridge or awsvpc networking and discovery: auto",
)
ALIAS_LOWERED = Code(
    "alias-lowered", INFO, "{service}: names are lower-case on ECS; others reach it as {alias}"
)
ALIAS_TAKEN = Code("names-collide", ERROR, "{service}: {other} is already reached as {alias!r}")
WELL_KNOWN_PORT = Code(
    "well-known-port",
    INFO,
    "{service}: no port is given; others reach it on {port}, as {image} listens there",
)
NO_PORT_TO_REACH = Code(
    "no-port-to-reach",
    WARNING,
    "{service}: other services need it, but no port says where it listens: they cannot reach it",
    "name its port with `expose`",
)
UDP_NOT_CONNECTED = Code(
    "no-port-to-reach",
    WARNING,
    "{service}: other services need it, and it has UDP ports only, which Service Connect does not carry: they cannot reach it",
    "put them into one task (x-ecs: {{task: NAME}}), or send to it over TCP and name that port with `expose`",
)

PROXY_LABELS = Code(
    "proxy-labels",
    INFO,
    "{service}: what it tells a reverse proxy ({what}) has no effect on a load balancer",
    "x-ecs: {{route: {{host: ..., path: ...}}}} says the same",
)

# ---------------------------------------------------------------------------- services and routing

NOT_ROUTED = Code(
    "not-routed",
    INFO,
    "{service}: port {port} is mapped, but not routed from outside",
    "x-ecs: {{route: {routes}}} routes it",
)
NOT_ROUTED_BESIDE = Code(
    "not-routed",
    INFO,
    "{service}: port {port} is mapped, but none of its routes leads to it from outside",
    "one more route does: {{port: {port}}}, in a list with what is there",
)
NOT_ROUTED_LIMIT = Code(
    "not-routed",
    INFO,
    "{service}: port {port} is mapped, but not routed from outside: a service has at most {limit} target groups, and its others have them",
    "x-ecs: {{route: [{{port: ...}}, ...]}} chooses other ports",
)
NOT_ROUTED_PRIVATE = Code(
    "not-routed",
    INFO,
    "{service}: port {port} is for other services: it is mapped, but not routed from outside",
)
ROUTE_PORT_UNKNOWN = Code(
    "route-port", ERROR, "{service}: it has no port {port} to route", "its ports: {ports}"
)
ROUTE_NEEDS_PORT = Code(
    "route-port",
    ERROR,
    "{service}: the route must say which port it is for",
    "its ports: {ports}; write route: {{port: ...}}",
)
EXEC_NEEDS_ROLE = Code(
    "execute-command",
    WARNING,
    "{service}: execute_command needs a task role; it is left off",
    "x-ecs: {{roles: {{task: ...}}}}",
)
DEPLOYMENT_CANNOT_MOVE = Code(
    "deployment-percent",
    ERROR,
    "{service}: with {count} copies, {low} % at least and {high} % at most leave no room to stop or start one: no deployment could move",
    "lower minimum_healthy_percent or raise maximum_percent",
)
FIXED_PORT_IN_PLACE = Code(
    "replaced-in-place",
    INFO,
    "{service}: its port {port} is fixed on the instance, so a new task starts when the old one is gone (0/100 %)",
)
BAD_TAG = Code(
    "bad-tag",
    ERROR,
    "the tag {tag!r} is not one that AWS takes: {reason}",
)
DEPLOYMENT_STUCK = Code(
    "deployment-percent",
    ERROR,
    "{service}: minimum_healthy_percent ({low}) must be below maximum_percent ({high}), or no deployment can move",
)
REPLACED_IN_PLACE = Code(
    "replaced-in-place",
    INFO,
    "{service}: it writes to a volume ({volumes}), so a new task starts when the old one is gone (0/100 %)",
)
UPDATE_OPTION_LOST = Code(
    "update-option",
    WARNING,
    "{service}: deploy.update_config.{key} has no form on ECS; it is left out",
)
START_FIRST_LOST = Code(
    "start-first",
    WARNING,
    "{service}: `order: start-first` is not kept, since {why}: the old task stops before the new one starts",
    "x-ecs: {{deployment: {{minimum_healthy_percent: 100, maximum_percent: 200}}}} keeps it, where that is safe",
)
PREFERENCE_LOST = Code(
    "preference",
    WARNING,
    "{service}: tasks cannot be spread by {text!r} on ECS; the preference is left out",
    "node.id spreads them over instances, node.labels.NAME over an attribute",
)
CONSTRAINT_LOST = Code(
    "constraint",
    WARNING,
    "{service}: the placement constraint {text!r} has no form on ECS; it is left out",
)
PLACEMENT_ON_FARGATE = Code(
    "not-on-fargate",
    WARNING,
    "{service}: placement is left out: Fargate places tasks itself, spread over the zones",
)
GLOBAL_ON_FARGATE = Code(
    "not-on-fargate",
    WARNING,
    "{service}: `deploy.mode: global` becomes one copy: Fargate has no instances to run one on each",
    "deploy.replicas says how many there should be",
)
CHECK_TIMEOUT = Code(
    "check-timeout",
    ERROR,
    "{service}: the health check's timeout ({timeout} s) must be below its interval ({interval} s)",
)
CHECK_PORT = Code(
    "check-port",
    WARNING,
    "{service}: with dynamic host ports there is no health check on the fixed port {port}: ECS refuses it",
    "leave `port` out to check the routed port, or publish both with `mode: host`",
)
CONDITION_TOO_LONG = Code(
    "condition", ERROR, "{service}: {value!r} is longer than {limit} characters"
)
BAD_ROUTE_HOST = Code(
    "route-host",
    ERROR,
    "{service}: {host!r} is not a host name a rule can have: {reason}",
)
BAD_ROUTE_PATH = Code("route-path", ERROR, "{service}: the path {route_path!r} must start with /")
BAD_ROUTE_PATH_TEXT = Code(
    "route-path",
    ERROR,
    "{service}: the path {route_path!r} has {character!r}, which no path of a rule can have",
    "`?` stands for any one character, `*` for any number of them",
)
NO_PRIORITY = Code(
    "no-priority",
    ERROR,
    "{service}: no listener priority is left for its rule, the last of {number}",
    "a load balancer allows 100 rules by default",
)
BAD_ROUTE_HEADER = Code(
    "route-header",
    ERROR,
    "{service}: {header!r} is not a header a rule can look at",
    "use `host` for the Host header; others have up to 40 letters, digits and dashes",
)
BAD_ROUTE_METHOD = Code("route-method", ERROR, "{service}: {method!r} is not an HTTP method")
BAD_ROUTE_IP = Code(
    "route-source-ip", ERROR, "{service}: {address!r} is not a CIDR", "write {example}"
)
SAME_CONDITIONS = Code(
    "same-conditions",
    ERROR,
    "{service}: its rule has the same conditions as that of {other} ({where}), so it never matches",
    "give it a host or path of its own, or both a `weight`: they then share the requests",
)
CHECK_PROTOCOL = Code(
    "check-protocol",
    ERROR,
    "{service}: a group of an application load balancer is checked by HTTP or HTTPS, not TCP",
)
PRIORITY_TWICE = Code(
    "priority-twice", ERROR, "{service}: priority {priority} is {other}'s already{reason} ({where})"
)
SHADOWED = Code(
    "shadowed",
    WARNING,
    "{service}: at priority {priority} its rule is asked before that of {other} ({where}, priority {behind}), which then never matches",
    "give it a number above {behind}, or leave both to be found",
)
SHADOWED_BEHIND = Code(
    "shadowed",
    WARNING,
    "{service}: at priority {behind} its rule is asked after that of {other} ({where}, priority {priority}), which matches all its requests, so it never matches",
    "give it a number below {priority}, or leave `priority` out",
)
ROUTE_UNUSED = Code("route-unused", WARNING, "{service}: its route is left out: {reason}")
ROUTE_KEYS = Code(
    "route-keys", ERROR, "{service}: `{key}` has no meaning beside `{beside}`: {reason}"
)
REDIRECT_ANYTHING = Code(
    "redirect",
    ERROR,
    "{service}: a redirect must say what it answers",
    "give it a host or a path; `path: /*` answers everything that no other rule does",
)
REDIRECT_TO_ITSELF = Code(
    "redirect",
    ERROR,
    "{service}: the redirect leads back to its own rule, so it would never end",
    "send to another host or path, or from HTTP to HTTPS",
)
REDIRECT_ON_HTTPS = Code(
    "redirect",
    WARNING,
    "{service}: a redirect to HTTPS only ends where the listener speaks HTTP, and then so do all other rules of the stack",
    "usually the default action of a listener on port 80 does it for everyone",
)
REDIRECT_TO_HTTP = Code(
    "redirect",
    ERROR,
    "{service}: AWS redirects nobody from HTTPS to HTTP, and the listener is HTTPS",
)
HTTP_LISTENER = Code(
    "listener-protocol",
    INFO,
    "{service}: a redirect to HTTP needs a listener that speaks HTTP: AWS redirects nobody from HTTPS to it",
)
HTTPS_LISTENER = Code(
    "listener-protocol", INFO, "{what} needs a listener that speaks HTTPS: AWS refuses it on others"
)
NEEDS_HTTPS = Code(
    "listener-protocol",
    ERROR,
    "{what} needs a listener that speaks HTTPS, and the one on port 80 of the load balancer {name} speaks HTTP",
    "name its HTTPS listener: load_balancer: {{name: {name}, port: 443}}",
)
MAYBE_HTTPS = Code(
    "listener-protocol",
    WARNING,
    "{what} needs a listener that speaks HTTPS, and port {port} of the load balancer {name} need not be one",
    "AWS refuses the rules if it is none",
)
STRIP_NOTHING = Code(
    "strip-prefix",
    WARNING,
    "{service}: `strip_prefix` takes nothing off: no path of the route begins with a fixed word",
    "name what is to go: strip_prefix: /word",
)
STRIP_NEVER = Code(
    "strip-prefix",
    WARNING,
    "{service}: `strip_prefix: {prefix}` takes nothing off: {reason}",
)
ROUTE_WITHOUT_BALANCER = Code(
    "route-unused",
    WARNING,
    "{service}: there is no load balancer (`listener: none`), so these of its route have no effect: {keys}",
    "name a listener, or leave them to a file for where there is one",
)
CHECK_DERIVED = Code(
    "check-derived",
    INFO,
    "{service}: the load balancer asks for {check_path} as well, which its healthcheck asks for, and takes {codes} for healthy",
    "x-ecs: {{route: {{health_check: {{path: ..., matcher: ...}}}}}} says otherwise",
)
CHECK_NOT_DERIVED = Code(
    "check-derived",
    INFO,
    "{service}: its healthcheck does more than ask for a page, so the load balancer only sees whether / is answered ({codes})",
    "x-ecs: {{route: {{health_check: {{path: ..., matcher: ...}}}}}} says what it asks for",
)
NETWORK_PORT_TWICE = Code(
    "network-listener",
    INFO,
    "{service}: {other} ({where}) needs a listener on port {port} as well, and a network load balancer has one on each port",
    "use two load balancers, or publish one of them on another port",
)
WEIGHT_ALONE = Code(
    "weight",
    WARNING,
    "{service}: `weight` has no effect: no other route has the same conditions",
    "give the routes that share the requests the same `host` and `path`",
)
WEIGHTS_DIFFER = Code(
    "weight",
    ERROR,
    "{service}: it shares a rule with {other}, but its `{key}` is another",
    "a rule has one: say the same in both routes",
)
WEIGHTS_ZERO = Code(
    "weight", ERROR, "{service}: all weights of its rule are 0, so nobody would answer"
)
NO_ROOM_FOR_RANGES = Code(
    "too-many",
    ERROR,
    "{service}: its rule has {number} condition values, so none of the address ranges of `{key}` fits: AWS allows {limit} in all",
    "split the route into several of fewer hosts, paths or other values",
)
ACCESS_NOT_ASKED = Code(
    "access-unused",
    WARNING,
    "{service}: a network load balancer knows no `access`: whoever reaches it reaches port {port}",
    "its security group says who may; `auth: false` in the route says that you know",
)
ACCESS_WITHOUT_BALANCER = Code(
    "access-unused",
    WARNING,
    "`{key}` has no effect without a load balancer: the security group of the instances says who may reach the ports",
)
LOGIN_BEFORE_HTTP2 = Code(
    "login",
    ERROR,
    "{service}: no login can stand in front of {protocol}, which load balancers only forward",
    "`auth: false` in its route lets everyone in without; `source_ips` lets some in",
)
CLIENT_SECRET = Code(
    "client-secret",
    WARNING,
    "the client secret is not written into the JSON: {placeholder} is to be filled in",
    "take it out of the file, where everyone reads it",
)
NETWORK_LISTENER = Code(
    "network-listener",
    INFO,
    "{service}: a listener of a network load balancer must forward {protocol} port {listener_port} to the target group {group}, before the service is created",
    "aws elbv2 create-listener --load-balancer-arn ARN --protocol {protocol} --port {listener_port} {more}--default-actions Type=forward,TargetGroupArn={arn}",
)
UDP_CHECK = Code(
    "udp-check",
    WARNING,
    "{service}: nothing answers a health check on UDP port {port}, so its tasks never become healthy",
    "name a port that does in the route: health_check: {{port: ...}}; {advice}",
)
UDP_UNMAPPED = Code(
    "udp-unmapped",
    WARNING,
    "{service}: port {port} is mapped for TCP only, so its UDP is not reached",
    "ECS maps a port of a bridge task for one protocol; x-ecs: {{network: {{mode: awsvpc}}}} needs no mapping",
)
STICKINESS_BY_ADDRESS = Code(
    "stickiness",
    WARNING,
    "{service}: a network load balancer keeps clients together by their address, for no set time",
    "write `stickiness: true`",
)
STICKINESS_OF_TLS = Code(
    "stickiness", WARNING, "{service}: `stickiness` is left out: AWS has none for TLS"
)
CHECK_KEY_OF_HTTP = Code(
    "check-protocol",
    ERROR,
    "{service}: a health check over TCP only connects, so it has no `{key}`",
    "write protocol: http",
)
BAD_MATCHER = Code(
    "bad-matcher",
    ERROR,
    "{service}: {text!r} names no status codes from {low} to {high}",
    "write one, several as in 200,204, or a range as in 200-399",
)
EXPOSED = Code("exposed", INFO, "{where} leads to {targets}, for {who}")
EXPOSED_REDIRECT = Code("exposed", INFO, "{where} is redirected to {to}, for {who}")
EXPOSED_UNSAID = Code(
    "exposed",
    INFO,
    "{where} leads to {targets}, for {who}",
    "x-ecs: {{access: {{cidrs: [...]}}}} lets only some in, `oidc` asks for a login, `access: public` says that everyone is meant",
)
SCALING_DIFFERS = Code(
    "scaling",
    ERROR,
    "{service} shares a task with {other}, whose `x-ecs: {{autoscaling: ...}}` is another",
    "a task is copied as a whole: say it once, or take the services apart",
)
SCALING_DAEMON = Code(
    "scaling",
    ERROR,
    "{service}: with `deploy.mode: global` one task runs on each instance: there is nothing to scale",
    "remove `autoscaling`, or `mode: global`",
)
SCALING_WITHOUT_SERVICE = Code(
    "scaling-nothing",
    WARNING,
    "{service}: `x-ecs: {{autoscaling: ...}}` has no effect: it runs to completion in the task of others",
)
SCALING_WITHOUT_POLICY = Code(
    "scaling-nothing",
    WARNING,
    "{service}: `min` and `max` alone scale nothing",
    "say by what: cpu, memory, requests, steps or schedule",
)
SCALING_NOT_BALANCED = Code(
    "scaling",
    ERROR,
    "{service}: `requests` needs a load balancer that counts them, and no listener rule leads to it",
    "give it an x-ecs.route and a listener, or scale by cpu or memory",
)
SCALING_NOT_COUNTED = Code(
    "scaling",
    ERROR,
    "{service}: only an application load balancer counts `requests`, and its route is another's",
    "scale by cpu or memory",
)
SCALING_ONE_ENDPOINT = Code(
    "scaling-requests",
    INFO,
    "{service}: the `requests` that count are those to port {port}, the first of its endpoints",
)
SCALING_NO_CPU = Code(
    "scaling-percent",
    WARNING,
    "{service}: `cpu` is a percentage of what the task reserves, and it reserves no CPU: the target means nothing",
    "reserve some: deploy.resources.reservations.cpus",
)
SCALING_GUESSED_MEMORY = Code(
    "scaling-percent",
    WARNING,
    "{service}: `memory` is a percentage of what the task reserves: {mib} MiB, because nobody says how much it needs",
    "say it: deploy.resources.reservations.memory",
)
SCALING_FROM_ZERO = Code(
    "scaling-from-zero",
    WARNING,
    "{service}: with `min: 0` the last task may go, and then nothing is measured that would bring one back ({keys})",
    "let `min` be 1, and a schedule set it to 0 and back",
)
SCALING_STEPS = Code(
    "scaling-steps",
    ERROR,
    "{service}: {reason}",
    "AWS wants steps that follow on each other, open at the end that a breach can reach",
)
SCALING_COOLDOWN_LOST = Code(
    "scaling-cooldown",
    WARNING,
    "{service}: `{key}` has no effect: no policy of its autoscaling goes by it",
    "cpu, memory and requests have both cooldowns, steps that of their direction",
)
SCALING_ONE_COOLDOWN = Code(
    "scaling-cooldown",
    WARNING,
    "{service}: `{key}` has no effect: steps in both directions are one policy with one cooldown, which is `{used}`",
    "scale by cpu, memory or requests, which have both",
)
SCALING_ALARM = Code(
    "scaling-alarm",
    INFO,
    "{service}: the steps are taken when a CloudWatch alarm of yours has the policy {name} as its action",
)
SCALING_CRON = Code(
    "scaling-schedule",
    ERROR,
    "{service}: {when} must have `?` for the day of the month or for the day of the week, and for one of them only",
    "cron(0 19 ? * MON-FRI *) is 19:00 on weekdays",
)
SCALING_START = Code(
    "scaling-start",
    INFO,
    "{service} starts with {count} tasks instead of 1: autoscaling keeps {low} to {high}",
)
SCALING_MOVED = Code(
    "scaling-start",
    WARNING,
    "{service} starts with {count} tasks instead of {written}: autoscaling keeps {low} to {high}",
    "let the number of replicas be one of these",
)
SCALING_STATE = Code(
    "scaling-state",
    WARNING,
    "{service}: it writes to {volumes}, and the copies that scaling adds do not all see the same data",
    "keep it on EFS (x-ecs: {{volumes: ...}}), or do not scale the service",
)
PLACEHOLDER = Code("placeholder", INFO, "{placeholder} is to be filled in: {how}")
CANNOT_WRITE = Code("cannot-write", ERROR, "cannot write {path}: {reason}")
FOREIGN_FILE = Code(
    "foreign-file",
    ERROR,
    "{path} is there already, and no earlier run wrote it",
    "choose another folder, or move the file away",
)
OTHER_STACK = Code(
    "other-stack",
    ERROR,
    "{folder} holds the files of the stack {owner}, not of {stack}",
    "choose another folder, or remove this one",
)
UNKNOWN_TASK_DEFINITION = Code(
    "unknown-task-definition", ERROR, "there is no task definition {name!r}", "{known}"
)
