using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Orchestrator.Service.Classify;

/// <summary>Reads events of claude, codex, gemini, opencode, cursor-agent and what resembles them: their shapes only, never an agent's words.</summary>
internal static class AgentEvents
{
    private const int Deepest = 6;
    private const int Longest = 6000;

    // Fields of an error that say something about it; everything else in it may be somebody's text.
    private static readonly HashSet<string> Telling = new(StringComparer.OrdinalIgnoreCase)
    {
        "error", "errors", "message", "msg", "type", "code", "status", "statusCode", "status_code", "error_status", "api_error_status", "reason", "name", "detail", "details", "data", "cause", "title",
        "headers", "responseHeaders", "responseBody", "metadata", "quota_limit", "quotaId", "quotaMetric", "violations", "codex_error_info", "additional_details", "retryDelay", "retry-after", "retry_after", "retryAfter", "retry-after-ms",
        "resets_at", "resetsAt", "resets_in_seconds", "x-codex-primary-reset-after-seconds", "anthropic-ratelimit-unified-reset", "error_description",
    };

    public static LogEntry Read(JsonElement element)
    {
        if (element.ValueKind != JsonValueKind.Object)
            return new LogEntry.Data();
        if (Child(element, "msg") is { ValueKind: JsonValueKind.Object } inner && element.TryGetProperty("id", out _))
            return Read(inner); // codex's older protocol
        return Text(element, "type") switch
        {
            "result" => Result(element),
            "rate_limit_event" => Limit(element),
            "system" => Text(element, "subtype") switch
            {
                "init" => new LogEntry.Began(),
                "api_retry" => new LogEntry.Failed(Told(element, null) with { Shown = "api_retry: retrying" }),
                "api_error" => new LogEntry.Failed(Told(element, null)),
                _ => new LogEntry.WentOn(false),
            },
            "thread.started" or "turn.started" or "task_started" or "init" or "session_configured" => new LogEntry.Began(),
            "turn.completed" or "task_complete" or "turn_complete" => new LogEntry.Ended(null),
            "turn.failed" => new LogEntry.Ended(Told(element, "turn failed")),
            "assistant" => Assistant(element),
            "error" or "stream_error" => Error(element),
            "user" or "tool_use" or "tool_result" or "tool_call" => new LogEntry.WentOn(true),
            "message" or "stream_event" or "text" or "step_start" or "thinking" or "reasoning" => new LogEntry.WentOn(false),
            "step_finish" => Child(element, "part") is { } part && Text(part, "reason") is "stop" ? new LogEntry.Ended(null) : new LogEntry.WentOn(true),
            { } type when type.StartsWith("item.", StringComparison.Ordinal) || type.StartsWith("agent_", StringComparison.Ordinal) || type.StartsWith("exec_command", StringComparison.Ordinal) || type is "turn_aborted" =>
                new LogEntry.WentOn(type is "item.completed" && Child(element, "item") is { } item && Text(item, "type") is not "error"),
            _ => Untyped(element),
        };
    }

    private static LogEntry Result(JsonElement result)
    {
        var subtype = Text(result, "subtype") ?? "";
        var failed = Child(result, "is_error") is { ValueKind: JsonValueKind.True or JsonValueKind.False } isError
            ? isError.ValueKind == JsonValueKind.True || subtype.StartsWith("error", StringComparison.Ordinal)
            : subtype.StartsWith("error", StringComparison.Ordinal) || Text(result, "status") is "error" or "failed" or "failure" || Child(result, "error") is { ValueKind: JsonValueKind.Object or JsonValueKind.String };
        if (!failed) // any program may call a line its result; success is said
            return Child(result, "is_error") is { ValueKind: JsonValueKind.False } || subtype is "success" || Text(result, "status") is "success" or "ok" or "completed" ? new LogEntry.Ended(null) : new LogEntry.Data();
        var words = new StringBuilder();
        var status = Child(result, "api_error_status") is { ValueKind: JsonValueKind.Number } number ? number.GetRawText() : null;
        if (status is not null)
            words.Append("status: ").Append(status).Append('\n');
        var said = Text(result, "result") ?? "";
        words.Append(Cut(said)).Append('\n');
        var own = said.Length == 0;
        foreach (var name in (string[])["error", "errors"])
        {
            if (Child(result, name) is { } error)
                Flatten(name, error, words, 0);
        }
        var text = words.ToString().Trim();
        var shown = said.Length > 0 ? said : text;
        return new LogEntry.Ended(new Complaint(shown.Length > 0 ? shown : subtype, text)
        {
            HasStatus = status is not null || own,
            BudgetSpent = subtype is "error_max_turns" or "error_max_budget_usd" or "error_max_structured_output_retries",
        });
    }

    private static LogEntry Limit(JsonElement element)
    {
        if (Child(element, "rate_limit_info") is not { ValueKind: JsonValueKind.Object } info)
            return new LogEntry.WentOn(false);
        var overage = Child(info, "isUsingOverage") is { ValueKind: JsonValueKind.True } && Text(info, "overageStatus") is "rejected";
        var status = Text(info, "status") ?? "";
        var window = Text(info, "rateLimitType") ?? "";
        return new LogEntry.Limit(window, status is "rejected" || overage, Ends(info, overage && status is not "rejected"), $"rate_limit_event: {window} {(overage ? "overage " : "")}{(overage ? "rejected" : status)}");
    }

    // Several windows may be told; only those that refuse are waited for.
    private static List<double> Ends(JsonElement info, bool overage)
    {
        var ends = new List<double>();
        if (Child(info, "unifiedWindows") is { ValueKind: JsonValueKind.Object or JsonValueKind.Array } windows)
        {
            foreach (var window in windows.ValueKind == JsonValueKind.Array ? windows.EnumerateArray() : windows.EnumerateObject().Select(p => p.Value))
            {
                if (window.ValueKind == JsonValueKind.Object && Text(window, "status") is "rejected" && Epoch(window) is { } end)
                    ends.Add(end);
            }
        }
        if (ends.Count == 0 && ((overage ? Epoch(info, "overageResetsAt") : null) ?? Epoch(info)) is { } own)
            ends.Add(own);
        return ends;
    }

    private static double? Epoch(JsonElement element) => Epoch(element, "resetsAt") ?? Epoch(element, "resets_at") ?? Epoch(element, "reset");

    private static double? Epoch(JsonElement element, string name) => Child(element, name) switch
    {
        { ValueKind: JsonValueKind.Number } number when number.TryGetDouble(out var value) => value,
        { ValueKind: JsonValueKind.String } text when double.TryParse(text.GetString(), NumberStyles.Float, CultureInfo.InvariantCulture, out var value) => value,
        { ValueKind: JsonValueKind.String } text when DateTimeOffset.TryParse(text.GetString(), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at) => at.ToUnixTimeSeconds(),
        _ => null,
    };

    // Claude's program speaks through the assistant where an answer of the API failed, and says so beside the message.
    private static LogEntry Assistant(JsonElement element)
    {
        if (Text(element, "error") is not { Length: > 0 } error && Child(element, "isApiErrorMessage") is not { ValueKind: JsonValueKind.True })
            return new LogEntry.WentOn(false);
        var words = new StringBuilder().Append("error: ").Append(Text(element, "error")).Append('\n');
        if (Child(element, "message") is { ValueKind: JsonValueKind.Object } message && Child(message, "content") is { ValueKind: JsonValueKind.Array } parts)
        {
            foreach (var part in parts.EnumerateArray().Where(p => p.ValueKind == JsonValueKind.Object))
                words.Append(Cut(Text(part, "text") ?? "")).Append('\n');
        }
        var text = words.ToString().Trim();
        return new LogEntry.Failed(new Complaint(text, text) { HasStatus = true });
    }

    private static LogEntry Error(JsonElement element) => Text(element, "severity") is "warning" ? new LogEntry.WentOn(false) : new LogEntry.Failed(Told(element, "error"));

    // The output of `--output-format json`, an API's answer, a logger's line, or anything else.
    private static LogEntry Untyped(JsonElement element)
    {
        var error = Child(element, "error");
        if (element.TryGetProperty("response", out _) && element.TryGetProperty("stats", out _))
            return new LogEntry.Ended(error is { ValueKind: JsonValueKind.Object or JsonValueKind.String } ? Told(element, "error") : null);
        if (error is { ValueKind: JsonValueKind.Object })
            return new LogEntry.Failed(Told(element, "error") with { Bare = !element.TryGetProperty("session_id", out _) });
        var level = Child(element, "level");
        var severe = level is { ValueKind: JsonValueKind.String } ? Text(element, "level")?.ToUpperInvariant() is "ERROR" or "FATAL" or "CRITICAL" : level is { ValueKind: JsonValueKind.Number } && level.Value.TryGetInt32(out var number) && number >= 50;
        return severe && (Text(element, "msg") ?? Text(element, "message")) is { Length: > 0 } message
            ? new LogEntry.Line("error: " + Cut(message), Speaker.Program, new StringBuilder(Told(element, null).Text))
            : new LogEntry.Data();
    }

    private static Complaint Told(JsonElement element, string? otherwise)
    {
        var words = new StringBuilder();
        Flatten("", element, words, 0);
        var text = words.ToString().Trim();
        var message = MessageOf(element, 0);
        return new Complaint(message ?? (text.Length > 0 ? text : otherwise ?? ""), text) { HasStatus = true };
    }

    private static string? MessageOf(JsonElement element, int depth) => element.ValueKind switch
    {
        JsonValueKind.String => element.GetString() is { Length: > 0 } text ? text : null,
        JsonValueKind.Object when depth < Deepest => (Child(element, "message") ?? Child(element, "error") ?? Child(element, "data")) is { } inner ? MessageOf(inner, depth + 1) : null,
        _ => null,
    };

    private static void Flatten(string name, JsonElement element, StringBuilder words, int depth)
    {
        if (words.Length > Longest || depth > Deepest)
            return;
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                foreach (var property in element.EnumerateObject().Where(p => Telling.Contains(p.Name)))
                    Flatten(property.Name, property.Value, words, depth + 1);
                break;
            case JsonValueKind.Array:
                foreach (var item in element.EnumerateArray().Take(20))
                    Flatten(name, item, words, depth + 1);
                break;
            case JsonValueKind.Number:
                words.Append(name.Equals("code", StringComparison.OrdinalIgnoreCase) ? "status" : name).Append(": ").Append(element.GetRawText()).Append('\n');
                break;
            case JsonValueKind.String:
                words.Append(name).Append(": ").Append(Cut(element.GetString()!)).Append('\n');
                break;
        }
    }

    private static string Cut(string text) => text.Length > Longest ? text[..Longest] : text;

    private static JsonElement? Child(JsonElement element, string name) => element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var child) ? child : null;

    private static string? Text(JsonElement element, string name) => Child(element, name) is { ValueKind: JsonValueKind.String } text ? text.GetString() : null;
}
