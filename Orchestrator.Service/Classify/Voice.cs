using System.Text.RegularExpressions;

namespace Orchestrator.Service.Classify;

/// <summary>Who is speaking in a line of plain text.</summary>
internal enum Speaker
{
    /// <summary>An agent's prose, a tool's echo, a table, quoted code: never evidence.</summary>
    Anybody,

    /// <summary>A program that reports its own failure in the usual form: <c>error: …</c>, <c>fatal: …</c>, <c>SomeException: …</c>.</summary>
    Program,

    /// <summary>An agent's own program, in a sentence that it prints in no other case.</summary>
    Agent,
}

/// <summary>
/// Tells a program's own diagnostic from text that talks about one. Only the beginning of a line counts: a diagnostic begins with its marker at the
/// first column. Prose has it in the middle; bullets, quotes, code and echoed output have something before it.
/// </summary>
internal static class Voice
{
    private const int LongestSentence = 600;

    // Where a known sentence ends, or a fixed separator follows. "Usage limit reached is now handled" is no diagnostic.
    private const string End = @"\s*(?:$|[·∙•|(⋅]|\.(?:\s|$)|, (?:please|try)|[-–—] )";

    /// <summary>What loggers put before a message: time, stream, a terminal's sign.</summary>
    private static readonly Regex Preamble = new(
        @"^(?:\[?\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?(?:Z|[+-]\d\d:?\d\d)?\]?:?\s+)?(?:\[?\d\d:\d\d(?::\d\d)?(?:[.,]\d+)?\]?\s+)?(?:\[?std(?:err|out)\]?[:|]?\s+)?(?:[✖✕✗×✘■⚠⎿]\uFE0F?\s+)?",
        RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);

    private static readonly Regex[] OfAgent =
    [
        Sentence(@"\[?API Error\b ?[:(]"),
        Sentence(@"You['’]ve (?:hit|reached|used up|used all|exceeded|run out)\b.{0,40}\b(?:limit|quota|usage|requests|credits)s?" + End),
        Sentence(@"You['’](?:re|ve run) out of (?:\w+ ){0,2}(?:usage|requests|credits|messages)" + End),
        Sentence(@"You have (?:hit|reached|exceeded|used all|exhausted)\b.{0,60}\b(?:limit|quota|usage|requests|credits|capacity)s?\b"),
        Sentence(@"(?:The |Your )?(?:(?:Claude|AI|Code|Kiro|Codex|Amazon|Q|API|usage|session|weekly|daily|monthly|hourly|opus|sonnet|haiku|request|rate|free|plan|5|five)[ -](?:hours? |hr )?){1,4}limit (?:has been |was )?(?:reached|exceeded|hit)(?:" + End + @"|:\s*$)"),
        Sentence(@"(?:Credit balance is too low|Insufficient (?:credits?|balance|funds))" + End),
        Sentence(@"(?:Invalid API key|Invalid x-api-key|Incorrect API key provided|Not logged in|Login expired|OAuth token (?:has )?(?:been )?(?:expired|revoked)|Authentication required|Please run /login|Please log ?in|Please set an Auth method)" + End),
        Sentence("(?:Incorrect API key provided: |Not logged in to |Please log ?in to |Please set an Auth method in )"),
        Sentence("This organization has been disabled|^Your (?:organization|account|subscription) (?:has been |has |is |was )(?:disabled|suspended|deactivated|expired)|^Your account does not have access"),
        Sentence("(?:Prompt is too long|Input is too long|Conversation too long|Request too large)" + End + "|^Error during compaction: "),
        Sentence(@"(?:Request rejected \(\d+\)|Unable to connect to API)" + End),
        Sentence(@"(?:stream disconnected before completion|stream error: |exceeded retry limit, last status|unexpected status \d{3}|Selected model is at capacity|We['’]re currently experiencing high demand|Server is temporarily limiting requests|Too many requests(?:[,.]|$))"),
        Sentence("(?:Model call failed|Execution failed): |^Sorry, (?:you['’]ve hit|you have exceeded|your request was rate-limited)"),
        Sentence(@"(?:SSL certificate verification failed|There['’]s an issue with the selected model|Quota exceeded for (?:quota )?metric|Quota exceeded(?:\.|: .{0,40}\blimit)|Monthly request limit reached|Not inside a trusted directory|No input provided via stdin)"),
        Sentence(@"Attempt \d+ failed\b|^litellm\.[\w.]+:|^(?:Error|Failed) (?:when talking to|authenticating|communicating with)\b"),
        Sentence(@"[\w.-]{2,40} is temporarily unavailable, so auto mode"),
    ];

    private static readonly Regex[] OfProgram =
    [
        Form(@"(?:Error|ERROR|error|Fatal|FATAL|fatal|Panic|panic|PANIC|CRITICAL|FATAL ERROR|fatal error|Fatal error)(?: ?\[[\w./-]+\]| ?\([\w ./-]+\))?:"),
        Form(@"\[?(?:ERROR|FATAL|CRITICAL|ERR)\]?:?\s+\S|^\[(?:Error|error|fatal)\]:?\s+\S|^(?:error|fatal) (?:TS|CS|NU|MSB|NETSDK)\d+"),
        Form(@"(?:[A-Za-z_$][\w$]*(?:\.|::))*[A-Za-z_$]*[\w$]*(?:Error|Exception|Timeout|Exhausted|Unavailable|Failure|Fault)(?: ?\[[\w.-]+\]| ?\([^)]{0,60}\))?(?::\s|:?$)"),
        Form(@"(?:Uncaught|Unhandled) \S|^Exception in thread|^npm (?:ERR!|error)|^(?:error Command|error An unexpected)|^ ?ERR_PNPM"),
        Form(@"(?:curl|wget|ssh|scp|rsync|git|docker|docker-compose|podman|kubectl|gh|helm|env|nohup|timeout|sudo|setsid|nice|xargs|stdbuf|time|exec|bash|sh|zsh|dash|ksh|fish|node|python3?|pip3?|npx|pnpm|yarn|claude|codex|gemini|aider|kiro|kiro-cli|q|qwen|opencode|cursor-agent|amp|goose|copilot|crush|droid|java|dotnet|cargo|go|psql|apt-get|E)(?: \([\w-]+\))?: \S"),
        Form(@"(?:/[\w.-]+)+:(?: line)? ?\d*:? .*(?:not found|denied|No such file|cannot execute|bad interpreter|error)|^[\w./-]+\.sh: line \d+: "),
        Form(@"(?:Error response from daemon|Cannot connect to the Docker daemon|Failed to (?:authenticate|log ?in|connect|fetch|spawn|load|start|initialize|refresh)\b|Could not (?:resolve|connect)\b|Unable to (?:connect|reach|resolve|locate|find|access)\b|Permission denied \(|Host key verification failed)"),
        Form(@"(?:Error (?:code|loading|connecting|during|executing|initializing|parsing|sending|reading)\b|Connection to \S+ |ssh_exchange|kex_exchange|toomanyrequests:|denied:)"),
        Form(@"(?:Killed|Terminated|Aborted|Segmentation fault|Bus error|Out of memory)(?: \(core dumped\))?\.?$|^(?:unknown|unrecognized|invalid|illegal) (?:option|argument|flag|command)s?\b"),
        Form(@"HTTP(?:/\d(?:\.\d)?)? [45]\d\d\b|^[45]\d\d (?:[A-Z][a-z]+ ?){1,4}$|^(?:thread '[^']*' (?:\(\d+\) )?panicked|Process terminated|Unrecoverable)"),
        Form(@"(?:Request timed out|Stream idle timeout|Connection error|Connection (?:refused|reset|timed out|closed)|The socket connection was closed|socket hang up|fetch failed|upstream connect error(?: or disconnect/reset before headers)?|no healthy upstream)(?:" + End + "|:| by peer| unexpectedly)"),
        Form(@"\S+@\S+: Permission denied \(|^##\[error\]|^[^\s:|]{1,200}(?:\(\d+,\d+\))? ?: error [A-Z]{2,6}\d+:"),
        Form("Max(?:imum)? turns? (?:reached|exceeded)|^Reached max(?:imum)? "),
    ];

    private static Regex Sentence(string pattern) => Rules.Compile("^" + pattern);

    private static Regex Form(string pattern) => new("^" + pattern, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);

    /// <summary>A line without what loggers put before it.</summary>
    public static string Bare(string line) => Preamble.Match(line) is { Length: > 0 } preamble ? line[preamble.Length..] : line;

    /// <param name="line">Bare.</param>
    public static Speaker Of(string line)
    {
        if (line.Length == 0 || char.IsWhiteSpace(line[0]))
            return Speaker.Anybody;
        var beginning = line.Length > LongestSentence ? line[..LongestSentence] : line;
        return Array.Exists(OfAgent, sentence => sentence.IsMatch(beginning)) ? Speaker.Agent
            : Array.Exists(OfProgram, form => form.IsMatch(beginning)) ? Speaker.Program
            : Speaker.Anybody;
    }
}
