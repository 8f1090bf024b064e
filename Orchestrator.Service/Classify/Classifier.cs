namespace Orchestrator.Service.Classify;

/// <summary>
/// Pure: how a program ended and the end of what it wrote give one verdict. Strongest first: an agent's own last result, its program's events,
/// an exit code with a meaning, diagnostics in plain text, the bare exit code. Never throws, whatever the log holds; linear in its tail.
/// </summary>
internal static class Classifier
{
    // After so many other lines a diagnostic was a step on the way, not the end.
    private const int Epilogue = 6;

    /// <param name="exitCode">128 + n, or -n, for a signal; null if nobody saw it end.</param>
    /// <param name="path">Its log; 64 KB of its end are read, 4 MiB at most.</param>
    /// <param name="now">The time; its offset is the zone of times in the log that name none.</param>
    /// <exception cref="IOException">The file can't be read.</exception>
    public static Classification Classify(int? exitCode, string path, DateTimeOffset now) => Decide(exitCode, RunLog.Read(LogTail.Read(path)), now);

    /// <inheritdoc cref="Classify(int?, string, DateTimeOffset)"/>
    /// <param name="log">Read from its end if it can seek.</param>
    public static Classification Classify(int? exitCode, Stream log, DateTimeOffset now) => Decide(exitCode, RunLog.Read(LogTail.Read(log)), now);

    /// <inheritdoc cref="Classify(int?, string, DateTimeOffset)"/>
    /// <param name="log">All of it, or its end.</param>
    public static Classification Classify(int? exitCode, ReadOnlySpan<byte> log, DateTimeOffset now) => Decide(exitCode, RunLog.Read(LogTail.Of(log)), now);

    private static Classification Decide(int? exitCode, RunLog log, DateTimeOffset now) =>
        ByResult(log, now)
        ?? ByEvents(exitCode, log, now)
        ?? ByMeaningfulExit(exitCode, log, now)
        ?? ByDiagnostic(exitCode, log, now)
        ?? ByExit(exitCode, log);

    /// <summary>The last verdict of an agent, unless a session began after it.</summary>
    private static Classification? ByResult(RunLog log, DateTimeOffset now)
    {
        var at = LastOf<LogEntry.Ended>(log);
        if (at < 0 || LastOf<LogEntry.Began>(log) > at)
            return null;
        if (((LogEntry.Ended)log.Entries[at]).Complaint is not { } complaint)
            return Verdict(Rules.ResultSuccess, null, "");
        if (complaint.BudgetSpent)
            return Verdict(Rules.ResultTurns, null, complaint.Shown);
        var rule = complaint.HasStatus || Voice.Of(Voice.Bare(complaint.Shown)) != Speaker.Anybody ? RuleOf(complaint) : null;
        var rejection = Rejection(log, at, now);
        if (rejection is not null && rule is null or { Class: OutcomeClass.RateLimited })
            return Verdict(rule ?? Rules.ResultLimit, rejection.Value.Wait ?? StatedWait.Of(complaint.Text, now), rule is null ? rejection.Value.Shown : complaint.Shown);
        if (rule is null && complaint.Text.Length == 0 && LastDiagnostic(log, at, Epilogue) is { Rule: not null } said)
            return Verdict(said.Rule, WaitOf(said.Rule, said.Complaint, now), said.Complaint.Shown);
        return Verdict(rule ?? Rules.ResultFailed, rule is null ? null : WaitOf(rule, complaint, now) ?? WaitBefore(log, at, rule, now), complaint.Shown);
    }

    /// <summary>What the agent's program reported itself, where no verdict followed and the agent did not go on.</summary>
    private static Classification? ByEvents(int? exitCode, RunLog log, DateTimeOffset now)
    {
        var at = LastOf<LogEntry.Failed>(log);
        var failed = at >= 0 && !GoesOn(log, at) ? ((LogEntry.Failed)log.Entries[at]).Complaint : null;
        if (failed is not null && exitCode == 0 && !log.IsStream && at < log.Entries.Count - 1)
            failed = null; // a program that met an error, said so and went on
        var rule = failed is null ? null : RuleOf(failed);
        if (failed is not null && LastDiagnostic(log, at, Epilogue) is { Rule: not null } later) // the last complaint counts
            (failed, rule) = (later.Complaint, later.Rule);
        if (Rejection(log, log.Entries.Count, now) is { } rejection && rule is null or { Class: OutcomeClass.RateLimited })
            return Verdict(rule ?? Rules.ResultLimit, rejection.Wait ?? (failed is null ? null : StatedWait.Of(failed.Text, now)), rule is null ? rejection.Shown : failed!.Shown);
        if (failed is null || (rule is null && (failed.Bare || IsSignal(exitCode) || exitCode is 126 or 127 || Rules.Notices.IsMatch(failed.Text))))
            return null;
        if (rule?.Class == OutcomeClass.Transient && IsSignal(exitCode))
            return null;
        return Verdict(rule ?? Rules.ErrorUnknown, rule is null ? null : WaitOf(rule, failed, now) ?? WaitBefore(log, at, rule, now), failed.Shown);
    }

    private static Classification? ByMeaningfulExit(int? exitCode, RunLog log, DateTimeOffset now)
    {
        if (exitCode is 126 or 127)
            return Verdict(Rules.NotStarted, null, LastDiagnostic(log, -1, Epilogue)?.Complaint.Shown ?? $"exit code {exitCode}");
        if (!IsSignal(exitCode))
            return null;
        // A program that waits for its limit in silence is killed as idle: what it said last is the reason.
        return LastDiagnostic(log, -1, 0) is { Rule: { Class: OutcomeClass.RateLimited } or { Scope: FailureScope.Account } } said
            ? Verdict(said.Rule, WaitOf(said.Rule, said.Complaint, now), said.Complaint.Shown)
            : Verdict(Rules.Killed, null, $"exit code {exitCode}");
    }

    private static Classification? ByDiagnostic(int? exitCode, RunLog log, DateTimeOffset now)
    {
        if (exitCode == 0)
        {
            // Some agents end with 0 after a refusal. Then it is the last thing they say; a plain program's "error:" before a 0 is its own affair.
            return LastDiagnostic(log, -1, 0) is { Rule: { } told } last && !Rules.Notices.IsMatch(last.Complaint.Shown) && (last.Speaker == Speaker.Agent || (told.Id is "usage-limit" or "quota-per-day" && !log.IsStream))
                ? Verdict(told, WaitOf(told, last.Complaint, now), last.Complaint.Shown)
                : null;
        }
        return LastDiagnostic(log, -1, Epilogue) is not { } said ? null
            : said.Rule is { } rule ? Verdict(rule, WaitOf(rule, said.Complaint, now), said.Complaint.Shown)
            : Verdict(Rules.ErrorUnknown, null, said.Complaint.Shown);
    }

    private static Classification ByExit(int? exitCode, RunLog log) => exitCode switch
    {
        null => Verdict(log.IsCutOff ? Rules.CutOff : Rules.NoExit, null, log.LastWords),
        _ when log.IsCutOff && log.IsStream => Verdict(Rules.CutOff, null, log.LastWords),
        _ when log.IsStream => Verdict(Rules.NoResult, null, $"exit code {exitCode}"),
        0 => Verdict(Rules.ExitSuccess, null, ""),
        _ when log.Entries.Count == 0 => Verdict(log.IsCutOff ? Rules.CutOff : Rules.NoOutput, null, $"exit code {exitCode}"),
        69 or 75 => Verdict(Rules.TemporaryExit, null, $"exit code {exitCode}"), // EX_UNAVAILABLE, EX_TEMPFAIL
        124 => Verdict(Rules.TimedOut, null, $"exit code {exitCode}"),
        _ => Verdict(Rules.ExitFailed, null, log.LastWords.Length > 0 ? log.LastWords : $"exit code {exitCode}"),
    };

    private sealed record Said(Complaint Complaint, Rule? Rule, Speaker Speaker);

    /// <summary>The last diagnostic after an entry, with at most <paramref name="epilogue"/> lines of anything else behind it; lines that only echo it don't count.</summary>
    private static Said? LastDiagnostic(RunLog log, int after, int epilogue)
    {
        var others = 0;
        Said? unknown = null;
        var unknownAt = -1;
        for (var at = log.Entries.Count - 1; at > after && others <= epilogue; at--)
        {
            if (log.Entries[at] is LogEntry.WentOn { Working: true })
                break; // the agent worked on after what stands before
            if (log.Entries[at] is not LogEntry.Line line)
                continue;
            if (line.Speaker == Speaker.Anybody)
            {
                others += line.Echoes ? 0 : 1;
                continue;
            }
            var complaint = line.Complaint;
            var rule = RuleOf(complaint);
            var notice = Rules.Notices.IsMatch(line.Text);
            if (rule is not null && (!notice || others == 0) && (unknown is null || IsOneReport(line.Text, at + 1 == unknownAt ? unknown.Complaint.Text : "")))
                return new Said(complaint, rule, line.Speaker);
            if (line.Echoes || notice)
                continue;
            if (rule is not null)
                break; // an error of another kind came after it
            unknown ??= new Said(complaint, null, line.Speaker);
            unknownAt = at;
        }
        return unknown;
    }

    // npm and git tell one failure in several lines; the last of them need not be the telling one.
    private static bool IsOneReport(string line, string next) => line.StartsWith("npm ", StringComparison.Ordinal)
        || (next.StartsWith("fatal: ", StringComparison.Ordinal) && (line.StartsWith("error: ", StringComparison.Ordinal) || line.StartsWith("fatal: ", StringComparison.Ordinal)));

    private static Rule? RuleOf(Complaint complaint) => Rules.OfComplaints.FirstOrDefault(rule => rule.Reads(complaint.Text));

    private static TimeSpan? WaitOf(Rule rule, Complaint complaint, DateTimeOffset now) =>
        rule.Class is OutcomeClass.RateLimited or OutcomeClass.Transient ? StatedWait.Of(complaint.Text, now) ?? StatedWait.Of(complaint.Advice, now) : null;

    // A verdict that states no wait often follows an error that did.
    private static TimeSpan? WaitBefore(RunLog log, int before, Rule rule, DateTimeOffset now)
    {
        for (var at = before - 1; at >= 0 && rule.Class == OutcomeClass.RateLimited && log.Entries[at] is not (LogEntry.Began or LogEntry.WentOn { Working: true }); at--)
        {
            var complaint = log.Entries[at] switch
            {
                LogEntry.Failed failed => failed.Complaint,
                LogEntry.Line { Speaker: not Speaker.Anybody } line => line.Complaint,
                _ => null,
            };
            if (complaint is not null && RuleOf(complaint) is { Class: OutcomeClass.RateLimited } told && WaitOf(told, complaint, now) is { } wait)
                return wait;
        }
        return null;
    }

    /// <summary>The windows that refuse and have not been opened again; the longest of their waits.</summary>
    private static (TimeSpan? Wait, string Shown)? Rejection(RunLog log, int before, DateTimeOffset now)
    {
        var refusing = new Dictionary<string, LogEntry.Limit>(StringComparer.Ordinal);
        for (var at = 0; at < before; at++)
        {
            switch (log.Entries[at])
            {
                case LogEntry.Began or LogEntry.WentOn { Working: true }:
                    refusing.Clear(); // it was let through
                    break;
                case LogEntry.Limit { Rejected: true } limit:
                    refusing[limit.Window] = limit;
                    break;
                case LogEntry.Limit limit:
                    refusing.Remove(limit.Window);
                    break;
            }
        }
        if (refusing.Count == 0)
            return null;
        var waits = refusing.Values.SelectMany(limit => limit.Ends).Select(end => StatedWait.Until(end, now)).ToList();
        return (waits.Max(), refusing.Values.Last().Shown);
    }

    private static bool GoesOn(RunLog log, int at) => log.Entries.Skip(at + 1).Any(entry => entry is LogEntry.WentOn { Working: true } or LogEntry.Began);

    private static int LastOf<T>(RunLog log)
    {
        for (var at = log.Entries.Count - 1; at >= 0; at--)
        {
            if (log.Entries[at] is T)
                return at;
        }
        return -1;
    }

    private static bool IsSignal(int? exitCode) => exitCode is < 0 or (> 128 and < 160);

    private static Classification Verdict(Rule rule, TimeSpan? wait, string evidence) => new(rule.Class, rule.Scope, wait, rule.Id, Redaction.Of(evidence)) { Backoff = rule.Backoff };
}
