using System.Text.RegularExpressions;
using static Orchestrator.Service.Classify.FailureScope;
using static Orchestrator.Service.Classify.OutcomeClass;

namespace Orchestrator.Service.Classify;

/// <summary>One row: a complaint that reads like this means that.</summary>
/// <param name="Id">Stable: it stands in job histories and alerts.</param>
/// <param name="Backoff">The first wait where the complaint states none.</param>
internal sealed record Rule(string Id, OutcomeClass Class, FailureScope? Scope, TimeSpan Backoff)
{
    private Regex? _pattern;

    /// <summary>Null for a rule that reads no words: an exit code, a result, an empty log.</summary>
    public string? Pattern
    {
        get => _pattern?.ToString();
        init => _pattern = value is null ? null : Rules.Compile(value);
    }

    public bool Reads(string complaint) => _pattern?.IsMatch(complaint) == true;
}

/// <summary>
/// What is known about the words of agents and of the programs around them: one row each, first match first. They are held only against what a
/// program says of itself (<see cref="Voice"/>, <see cref="RunLog"/>), never against an agent's prose or a tool's output.
/// </summary>
internal static class Rules
{
    private const FailureScope Host = FailureScope.Environment;
    private static readonly TimeSpan None = TimeSpan.Zero;

#pragma warning disable format // a table
    // Verdicts without words.
    public static readonly Rule ResultSuccess  = new("result-success",      Success,     null,        None);
    public static readonly Rule ResultLimit    = new("limit-event",         RateLimited, null,        Minutes(30));
    public static readonly Rule ResultTurns    = new("result-budget",       Permanent,   Work,        None);
    public static readonly Rule ResultFailed   = new("result-error",        Permanent,   Work,        None);
    public static readonly Rule ErrorUnknown   = new("error-unknown",       Permanent,   Work,        None);
    public static readonly Rule NotStarted     = new("exit-not-started",    Permanent,   Host,        None);
    public static readonly Rule Killed         = new("exit-signal",         Transient,   null,        Seconds(15));
    public static readonly Rule TemporaryExit  = new("exit-temporary",      Transient,   null,        Seconds(15));
    public static readonly Rule TimedOut       = new("exit-timeout",        Permanent,   Work,        None);
    public static readonly Rule CutOff         = new("log-cut-off",         Transient,   null,        Seconds(15));
    public static readonly Rule NoResult       = new("log-without-result",  Transient,   null,        Seconds(15));
    public static readonly Rule NoOutput       = new("log-empty",           Transient,   null,        Seconds(15));
    public static readonly Rule NoExit         = new("exit-unknown",        Transient,   null,        Seconds(15));
    public static readonly Rule ExitSuccess    = new("exit-success",        Success,     null,        None);
    public static readonly Rule ExitFailed     = new("exit-failure",        Permanent,   Work,        None);

    /// <summary>In order of strength: what a fixed account could hide comes before what passes, the particular before the status that goes with it.</summary>
    public static readonly IReadOnlyList<Rule> OfComplaints =
    [
        // A test that tells what it got is about the product under test, whatever it got.
        new("assertion",        Permanent,   Work,        None)        { Pattern = @"^\W*(?:\w+[.:])*Assert\w*(?:Error|Exception|Failed|ion failed)\b|\bexpected\b.*\b(?:but|got|received|actual|to (?:be|equal|have|contain|return|match))\b|\b(?:got|received)\b.*\b(?:expected|want(?:ed)?)\b|\btests? failed\b" },

        // A full disk has quotas, too.
        new("no-space",         Permanent,   Host,        None)        { Pattern = @"\bENOSPC\b|no space left on device|disk quota exceeded|read-only file system|\bEROFS\b" },

        // This input will never fit.
        new("too-long",         Permanent,   Work,        None)        { Pattern = @"prompt is too long|prompt too long|conversation too long|input is too long|context_length_exceeded|ContextWindowExceeded|maximum context length|context (?:window|length) (?:(?:has|was|is) )?(?:exceeded|overflowed|limit)|exceeds? the (?:\w+ )?context|input length and .?max_tokens.? exceed|ran out of room in the model's context|request_too_large|request too large|image was too large|PDF (?:has )?too (?:large|many)|token count .*exceeds the maximum|" + Status("413") },
        new("thinking-blocks",  Permanent,   Work,        None)        { Pattern = @"thinking\W.*blocks?\b.*cannot be modified|tool use concurrency|tool_use. ids were found without|unexpected .?tool_use_id" },
        new("policy",           Permanent,   Work,        None)        { Pattern = @"usage policy|content[ _](?:policy|filter)|ContentPolicyViolation|output blocked by" },
        new("turns",            Permanent,   Work,        None)        { Pattern = @"reached (?:the )?max(?:imum)?(?: number of)? (?:session )?turns|max(?:imum)? (?:session )?turns (?:reached|exceeded)|error_max_|maximum (?:budget|cost) reached|budget limit reached" },

        // Who pays.
        new("billing",          Permanent,   Account,     None)        { Pattern = @"insufficient_quota|billing_(?:error|hard_limit|not_active)|enforced_spend_limit|spend(?:ing)? (?:limit|cap)|credit balance is too low|insufficient (?:credits?|balance|funds)|out of credits|not enough credits|(?:requires|add) more credits|extra usage is required|payment required|BudgetExceeded|budget has been exceeded|account is not active, please check your billing|usage credits (?:are )?required|reached your specified API usage limits" },

        // Limits of an account, which pass at a time.
        new("quota-per-day",    RateLimited, null,        Minutes(60)) { Pattern = @"PerDay|per[ -]day\b|\((?:RPD|TPD)\)|daily (?:quota|request limit) (?:exceeded|reached|exhausted)|exceeded your daily (?:quota|limit)|exhausted your daily quota|free-models-per-day" },
        new("throttled",        RateLimited, null,        Seconds(30)) { Pattern = @"temporarily limiting requests" },
        new("quota-exhausted",  RateLimited, null,        Seconds(60)) { Pattern = @"RESOURCE_EXHAUSTED|ResourceExhausted|resource has been exhausted|(?:exceeded your current quota|quota exceeded).*(?:retry in|retryDelay)|quota exceeded for (?:quota )?metric" },
        new("billing-quota",    Permanent,   Account,     None)        { Pattern = @"exceeded your current quota|check your plan and billing|billing (?:details|is not enabled|account)" },
        new("rate-window",      RateLimited, null,        Seconds(60)) { Pattern = @"(?:exceed(?:ed|s|ing)?|hit|reached) (?:an?|your|the|its) (?:\S+ ){0,4}rate[- ]?limit" },
        new("usage-limit",      RateLimited, null,        Minutes(30)) { Pattern = UsageLimit },
        new("rate-limit",       RateLimited, null,        Seconds(60)) { Pattern = @"rate_limit_(?:error|exceeded)|\berror: rate_limit\b|RateLimitError|RateLimitExceeded|rate[- ]?limit(?:s|ed)?(?: has been| was| is)? (?:reached|exceeded|hit|error)|\brate[- ]limited\b|too many requests|toomanyrequests|ThrottlingException|TooManyRequests(?:Error|Exception)|request quota exceeded|secondary rate limit|request rejected \(429\)|" + Status("429") },

        // Who may.
        new("sign-in",          Permanent,   Account,     None)        { Pattern = @"authentication_error|authentication_failed|AuthenticationError|invalid[ _](?:x-)?api[ _-]?key|api[ _]key (?:not valid|is invalid|not found|expired)|API_KEY_INVALID|incorrect api key|(?:no|missing) api key|api key (?:is )?(?:missing|required)|not (?:logged|signed) in|please (?:run \S+ )?(?:/?login|log in|sign in)|please run /login|please set an auth method|login (?:expired|required)|session (?:has )?expired|OAuth token (?:has )?(?:been )?(?:expired|revoked|invalid)|(?:access|refresh) token (?:could not be refreshed|has expired|was revoked|is invalid)|token[ _](?:has )?(?:expired|revoked|invalid)|invalid bearer token|failed to (?:authenticate|log ?in)|UNAUTHENTICATED|unauthorized|authentication required|authentication failed: |ExpiredToken|UnrecognizedClientException|" + Status("401") },
        new("git-sign-in",      Permanent,   Host,        None)        { Pattern = @"authentication failed for|permission denied \((?:publickey|password|keyboard)|could not read (?:username|password)|host key verification failed|pull access denied|denied: requested access|unable to access '[^']*': the requested URL returned error: (?:401|403|407)" },
        new("refused",          Permanent,   Account,     None)        { Pattern = @"permission_error|PermissionDeniedError|organization has been disabled|organization has disabled|(?:account|subscription|workspace) (?:has been |is |was )?(?:disabled|suspended|deactivated|banned|terminated)|host_not_allowed|does not meet scope requirement|not authorized to|AccessDeniedException|PERMISSION_DENIED|no active subscription|subscription (?:has )?expired|terms of service|account does not have access|" + Status("402|403") },

        // What the host lacks. Certificates before connections: the same line tells of both.
        new("certificate",      Permanent,   Host,        None)        { Pattern = @"SSL certificate|certificate verif(?:y|ication) failed|unable to (?:verify|get) (?:the first|local issuer)|unable_to_(?:verify|get)|self[-_ ]signed|CERT_HAS_EXPIRED|certificate has expired|x509:|ERR_TLS_CERT|certificate is not (?:trusted|valid)|server certificate verification" },
        new("no-model",         Permanent,   Host,        None)        { Pattern = @"not_found_error|NotFoundError.*model|model_not_found|issue with the selected model|model\b.{0,100}\b(?:does not exist|not found|is not (?:available|supported|accessible))|model not found|model identifier is invalid|DeploymentNotFound|unknown model|invalid model|is not available with the|ProviderModelNotFound" },
        new("no-program",       Permanent,   Host,        None)        { Pattern = @"command not found|: (?:line )?\d+: \S+: not found$|executable file not found|spawn \S+ (?:ENOENT|EACCES|ENOEXEC|ENOTDIR)|spawn (?:ENOENT|EACCES|E2BIG)|(?:env|nohup|timeout|exec|sudo|setsid|nice|xargs|time|stdbuf)\S*: .*(?:no such file or directory|permission denied|not found)|cannot execute|exec format error|bad interpreter|is not recognized as an internal|no module named '?(?:aider|litellm)|cannot find module '[^']*(?:@anthropic-ai|@openai|@google|/bin/)|error while loading shared libraries|no such file or directory \(os error 2\)$|failed to spawn|GLIBC_\S+. not found" },
        new("usage",            Permanent,   Host,        None)        { Pattern = @"unknown (?:option|argument|flag|command)|unrecognized (?:option|argument|arguments|flag|subcommand)|unexpected argument|invalid option|illegal option|no such option|missing required argument|flag provided but not defined|invalid value .* for '--|unknown variant|error loading config|invalid (?:settings|configuration)|extra inputs are not permitted|not inside a trusted directory|cannot be launched inside another|cannot be used with root" },
        new("no-docker",        Permanent,   Host,        None)        { Pattern = @"connect to the docker daemon|docker\.sock|docker: 'compose' is not|no such image|manifest (?:for \S+ not found|unknown)" },
        new("no-tool-server",   Permanent,   Host,        None)        { Pattern = @"fail(?:ed|ure)? to (?:start|load|connect to|reach) (?:the )?MCP|MCP (?:server|config\w*)\b.*(?:fail|invalid|not found)|agent .* not found|no agent (?:with name|named)|invalid MCP" },

        // What passes by itself.
        new("overloaded",       Transient,   null,        Seconds(30)) { Pattern = @"overloaded_error|\boverloaded\b|" + Status("529") },
        new("at-capacity",      Transient,   null,        Seconds(30)) { Pattern = @"model is at capacity|at capacity|currently experiencing high (?:demand|load)|model is (?:currently )?(?:overloaded|busy)|high traffic|temporarily unavailable" },
        new("server",           Transient,   null,        Seconds(15)) { Pattern = @"internal server error|internal_server_error|InternalServerError|\bapi_error\b|\bserver_error\b|upstream connect error|upstream (?:error|timed out|request timeout)|disconnect/reset before headers|bad gateway|gateway time-?out|service unavailable|ServiceUnavailable|BadGatewayError|server had an error|an internal error|INTERNAL\b.*\b500|status: UNAVAILABLE|""UNAVAILABLE""|DEADLINE_EXCEEDED|having trouble responding|" + Status("408|409|425|5\\d\\d") },
        new("network",          Transient,   null,        Seconds(15)) { Pattern = Network },
        new("resources",        Transient,   null,        Seconds(15)) { Pattern = @"heap out of memory|out of memory|cannot allocate memory|\bENOMEM\b|\bEMFILE\b|\bEAGAIN\b|too many open files|resource temporarily unavailable|^\W*(?:killed|terminated|aborted|segmentation fault|bus error)\b|\.lock': file exists|another git process|database is locked|could not get lock|could not acquire lock" },

        // Left over: a request that was refused for what it asks.
        new("bad-request",      Permanent,   Work,        None)        { Pattern = @"invalid_request_error|BadRequestError|INVALID_ARGUMENT|FAILED_PRECONDITION|" + Status("4\\d\\d") },
    ];
#pragma warning restore format

    /// <summary>Both kinds.</summary>
    public static IReadOnlyList<Rule> All { get; } =
    [
        ResultSuccess, ResultLimit, ResultTurns, ResultFailed, ErrorUnknown, NotStarted, Killed, TemporaryExit, TimedOut, CutOff, NoResult, NoOutput, NoExit, ExitSuccess, ExitFailed,
        .. OfComplaints,
    ];

    private const string UsageLimit =
        @"usage_limit_(?:reached|exceeded)|ServiceQuotaExceeded|usage_not_included|limit reached\s*\|\s*\d{10}|" +
        @"(?:hit|reached|exceeded|used up|used all of) (?:your (?:[\w-]+ ){0,4}|the (?:usage|request|session|weekly|daily|monthly|hourly|message|token|free|plan)s? (?:[\w-]+ ){0,2})(?:limit|quota|allowance|cap|token usage)s?\b|(?:hit|reached|exceeded) (?:your|the) (?:[\w-]+ ){0,3}limit (?:for|of|on) (?:[\w-]+ ){0,4}(?:requests|messages|usage|credits|tokens)\b|" +
        @"(?:usage|session|weekly|daily|monthly|hourly|hour|hr|day|month|request|message|opus|sonnet|haiku|fable|claude|credit|plan|free tier)s? limits? (?:has been |have been |was |is )?(?:reached|exceeded|hit|exhausted)|" +
        @"out of (?:extra |your |free )?(?:usage|requests|messages)\b|used all (?:of )?your (?:[\w-]+ ){0,3}(?:requests|credits|messages|usage)|quota[ _](?:has been |was )?(?:exceeded|reached|exhausted)|exhausted your (?:\S+ ){0,4}(?:capacity|quota)|(?:monthly|weekly|daily) (?:usage |request )?limit\b.*\bresets?\b";

    private const string Network =
        @"\b(?:ECONNRESET|ECONNREFUSED|ECONNABORTED|ETIMEDOUT|ESOCKETTIMEDOUT|EAI_AGAIN|ENOTFOUND|EPIPE|ENETUNREACH|EHOSTUNREACH|ENETDOWN|ENETRESET|EPROTO|UND_ERR_\w+|ERR_STREAM_PREMATURE_CLOSE|ERR_HTTP2_\w+|ERR_NETWORK|ConnectionRefused|FailedToOpenSocket)\b|" +
        @"socket hang ?up|fetch failed|failed to fetch|socket connection was closed|socket closed|premature close|request (?:has )?timed[ -]?out|request timeout|timed out waiting for|connection (?:was |has been |is )?(?:error|refused|reset|closed|aborted|lost|timed out|timeout|terminated|broken|interrupted)|connection to \S+ (?:was )?(?:closed|refused|timed out)|connect timeout|connect(?:ion)? timed out|read timed out|operation timed out|timeout (?:was )?(?:reached|exceeded|expired)|i/o timeout|TLS handshake|handshake (?:failed|timeout)|context deadline exceeded|" +
        @"stream (?:idle timeout|disconnected|closed before|error:|ended (?:before|without|unexpectedly))|idle timeout|response stream|stream was (?:reset|closed|interrupted)|error sending request|error (?:decoding|reading) (?:a |the )?(?:response )?(?:body|chunk)|incomplete (?:chunked )?read|unable to connect|couldn't connect|could not connect|can't connect|cannot connect to (?:the )?(?:api|server|host)|failed to connect|network (?:error|is unreachable|timeout|changed|connection)|no route to host|NU1301|host is unreachable|could not resolve|couldn't resolve|name or service not known|temporary failure in name resolution|name resolution|no such host|getaddrinfo|nodename nor servname|failed to lookup address|dns (?:error|lookup)|" +
        @"remote end hung up|early EOF|RPC failed|unexpected (?:EOF|disconnect)|empty reply from server|broken pipe|server disconnected|peer closed connection|error: connection|APIConnectionError|APIConnectionTimeoutError|APITimeoutError|litellm\.(?:exceptions\.)?Timeout|(?:Connect|Read|Write|Pool)(?:Timeout|Error)\b|ConnectionError|ConnectionResetError|RemoteProtocolError|RemoteDisconnected|ProtocolError|ChunkedEncodingError|TimeoutError|TimeoutException|SocketException|HttpRequestException|UnknownHostException|MaxRetryError";

    /// <summary>Lines that only say that something else has failed: what was said before them counts.</summary>
    public static readonly Regex Echoes = Compile(
        @"exit(?:ed)?(?: with)?(?: non-?zero)?(?: \w+)? (?:code|status)|exited with|(?:command|script|job|process|task|run|step|agent|pipeline|build) (?:has )?failed(?: with| \(|:? *$|\.$)|exit code:? ?\d+|non-zero exit|ELIFECYCLE|complete log of this run|debug log|^make(?:\[\d+\])?: \*\*\*|could not read from remote repository|" +
        @"failed to push some refs|^\W*(?:error|fatal|ERROR)\W*$|^\W*Error: *\[?object Object\]?|unexpected critical error|unhandled ?(?:promise)? ?rejection|process from config|^npm (?:ERR!|error) *(?:$|errno|syscall|path|command|Lifecycle|in workspace|at location|This is a problem related to network|If you are behind|network (?:This is|In most|'proxy'))|^\W*retrying\b|see (?:above|log)|aborting\.?$|giving up\.?$|session (?:id|saved)|node\.js v\d|^tokens used|^\W*error: (?:the )?(?:agent|claude|codex|gemini|aider|child|sub-?process) (?:failed|died|ended)\b|run (?:with )?--debug|RUST_BACKTRACE|^The API provider\b|^Model \S+ has hit a token limit|^Token counts below|^(?:Input|Output|Total) tokens: |^##\[error\]Process completed");

    /// <summary>A step on the way, told by a program that goes on by itself: it decides only where nothing follows.</summary>
    public static readonly Regex Notices = Compile(@"\bretrying\b|\breconnecting\b|\bwill retry\b|\bretry(?: attempt)? \d+(?:/| of )\d+|\battempt \d+(?:/| of )\d+|\battempt \d+ failed|waiting (?:for )?\d+ ?s");

    /// <summary>Lines that advise what to do about the diagnostic above them; some say when.</summary>
    public static readonly Regex Advice = Compile(
        @"^(?:Your )?(?:usage |request )?(?:limits?|quota) (?:will )?resets?\b|^(?:Upgrade|Visit|Learn more|Please|Try again|You can try|Wait|Contact|To continue|To get more|To increase|See|Check|Consider|Get more|For more)\b.{0,300}$|^(?:/|https?://)\S+|^[a-z][a-z0-9-]*(?:-[a-z0-9]+)+: \S|^tip: ");

    /// <summary>Linear in the text, whatever the text is.</summary>
    public static Regex Compile(string pattern) => new(pattern, RegexOptions.NonBacktracking | RegexOptions.IgnoreCase | RegexOptions.CultureInvariant);

    // A bare number is none: it must stand where programs put the status of an answer. After a mere "Error:" it counts things as often ("Error: 503
    // files are missing"), so that an answer's words must follow.
    private static string Status(string codes) =>
        @"(?:\bstatus(?:[ _-]?code)?\W{1,4}(?:of )?|\bHTTP(?:/\d(?:\.\d)?)?(?: error| status)?[ :]+|\berror code\W{1,3}|\bcode""?'?\s*[:=]\s*""?|\breturned (?:error|status|HTTP|a)?:? ?|\bunexpected status |\bresponse(?: code)?:? |\brejected \(|\b(?:API Error|Execution failed):? \(?)(?:" + codes + @")(?:\W|$)" +
        @"|(?:^\W*(?:[\w.$]+[: ])*[\w$.]*(?:Error|Exception):? \(?|\berror[ :]+|- )(?:" + codes + @")(?:\W*$|\W*[{\[""'(<·]|\W+(?:status|bad|too|internal|server|service|gateway|unauthori[sz]ed|forbidden|not found|payment|overloaded|rate|upstream|error|the (?:server|model)|this|unprocessable|conflict|insufficient|invalid|authentication|permission|request|you|your|no |model|messages|tool|host_|http|litellm|due|max_tokens|thinking|unknown|time)\w*)";

    private static TimeSpan Seconds(double seconds) => TimeSpan.FromSeconds(seconds);

    private static TimeSpan Minutes(double minutes) => TimeSpan.FromMinutes(minutes);
}
