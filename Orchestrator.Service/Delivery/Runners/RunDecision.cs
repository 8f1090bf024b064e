using System.Text.RegularExpressions;

namespace Orchestrator.Service.Delivery.Runners;

/// <summary>
/// Pure: what did a run come to? What tests prove comes first, what tools complain of second, the exit code last. Without proof that a test ran there is no pass.
/// </summary>
internal static partial class RunDecision
{
    public static RunVerdict Decide(RunEvidence seen)
    {
        if (seen.Spawn is { } fault)
            return Verdict(fault.Passes ? RunClass.TransientInfra : RunClass.PermanentEnv, fault.Passes ? "not-started" : "cannot-start", fault.Message, fault.Passes ? Repeat.Bounded : Repeat.No);

        var told = TestSummary.Read(seen.Text);
        // Words for people stand in for a summary for machines only where none was asked for; that something failed they prove in any case.
        var counts = seen.Summary?.Counts ?? (seen.SummaryDemanded ? told.Counts with { Passed = told.Counts.Failed > 0 ? told.Counts.Passed : 0 } : told.Counts);
        var proof = seen.Summary is null ? told.Deciding : $"{counts}";
        var contradiction = seen.Summary is null ? told.Contradiction : seen.Summary.Contradiction;

        return counts.Failed > 0 ? FailedTests(seen, counts, proof)
            : seen.Summary is { Aborted: true } ? Verdict(RunClass.SuiteFail, "crash", $"The run was cut off after {counts}.", Repeat.Once)
            : counts.Ran > 0 ? NoFailure(seen, counts, proof, contradiction)
            : NoProof(seen, told);
    }

    private static RunVerdict FailedTests(RunEvidence seen, TestCounts counts, string proof)
    {
        foreach (var pattern in seen.TransientPatterns)
        {
            if (seen.Text.Lines.FirstOrDefault(pattern.IsMatch) is { } line)
                return Verdict(RunClass.TransientInfra, "repository-pattern", $"{counts}; {line}", Repeat.Bounded);
        }

        return Verdict(RunClass.SuiteFail, "tests-failed", proof, Repeat.No);
    }

    /// <summary>Tests ran, and none is told to have failed.</summary>
    private static RunVerdict NoFailure(RunEvidence seen, TestCounts counts, string proof, string? contradiction)
    {
        if (seen.Channel == ChannelEnd.Broken)
            return Verdict(RunClass.TransientInfra, "channel-broken", $"The connection was lost after {counts}.", Repeat.Bounded);
        if (TimedOut(seen))
            return Verdict(RunClass.SuiteFail, "hang", $"It did not end in time, after {counts}.", Repeat.No);
        if (Match(RunRules.OfBrokenRuns, seen.Text) is { } broken)
            return broken;
        if (seen.ExitCode is 0 && contradiction is null)
            return Verdict(RunClass.SuitePass, "tests-passed", proof, Repeat.No);
        return contradiction is not null
            ? Verdict(RunClass.TransientInfra, "contradiction", $"The summary contradicts itself: {contradiction}.", Repeat.Once)
            : Verdict(RunClass.TransientInfra, "inconsistent", $"No test failed ({proof}), and the exit code is {Code(seen)}.", Repeat.Once);
    }

    /// <summary>No test is proven to have run: never a pass.</summary>
    private static RunVerdict NoProof(RunEvidence seen, TestSummary told)
    {
        var complaint = Match(RunRules.OfComplaints, seen.Text);
        var infrastructure = complaint is { Class: RunClass.TransientInfra or RunClass.PermanentEnv } ? complaint : null;
        if (seen.Channel == ChannelEnd.Broken)
            return Match(RunRules.OfChannels, seen.Text) ?? Verdict(RunClass.TransientInfra, "channel-broken", "The connection was lost before the exit code arrived.", Repeat.Bounded);
        if (TimedOut(seen))
            return Hang(seen, infrastructure);
        // A single test that failed is proof enough, unless the run was ended from outside. Of two complaints the one of the machine is the cause.
        if (told.FailedTest is { } failed && infrastructure?.Rule is not ("ssh-channel" or "killed" or "disk-full" or "interrupted") && !IsKill(Signal(seen)))
            return Verdict(RunClass.SuiteFail, "test-failed", failed, Repeat.No);
        if (complaint is not null && (complaint.Class != RunClass.SuiteFail || !IsKill(Signal(seen))))
            return complaint;
        if (seen.Summary is { Counts: { Ran: 0 } } none)
            return Verdict(RunClass.PermanentEnv, "no-tests", $"The summary tells of no test that ran ({none.Counts}).", Repeat.No);
        if (told.SaysNone is { } nothing)
            return Verdict(RunClass.PermanentEnv, "no-tests", nothing, Repeat.No);
        if (told.Counts.Ran == 0 && told.Deciding.Length > 0)
            return Verdict(RunClass.PermanentEnv, "no-tests", $"No test ran: {told.Deciding}", Repeat.No);
        if (seen.SummaryDemanded && told.Counts.Ran > 0)
            return Verdict(RunClass.TransientInfra, "summary-missing", $"The words tell of a run ({told.Deciding}), and the summary for machines is missing.", Repeat.Once);
        return ByExitCode(seen);
    }

    private static RunVerdict Hang(RunEvidence seen, RunVerdict? infrastructure) =>
        seen.TestsBegan ?? HasBegun(seen.Text)
            ? infrastructure is { Rule: "ssh-channel" } ? infrastructure : Verdict(RunClass.SuiteFail, "hang", $"It did not end in time; the last words: {Last(seen.Text)}", Repeat.No)
            : infrastructure ?? Verdict(RunClass.TransientInfra, "no-start", $"It did not end in time, and no test had begun; the last words: {Last(seen.Text)}", Repeat.Bounded);

    private static RunVerdict ByExitCode(RunEvidence seen)
    {
        var last = Last(seen.Text);
        if (Dialect(seen.Text) is { } dialect && dialect(seen.ExitCode) is { } known)
            return Verdict(known.Class, known.Rule, $"exit code {Code(seen)}; {last}", known.Repeat);
        return Signal(seen) switch
        {
            6 or 4 or 5 or 7 or 8 or 11 => Verdict(RunClass.SuiteFail, "crash", $"It ended by signal {Signal(seen)}; {last}", Repeat.Once),
            { } signal => Verdict(RunClass.TransientInfra, "killed", $"It ended by signal {signal}; {last}", Repeat.Bounded),
            null => seen.ExitCode switch
            {
                null => Verdict(RunClass.TransientInfra, "no-exit", $"Nobody saw its end; {last}", Repeat.Bounded),
                0 => Verdict(RunClass.TransientInfra, "no-proof", $"It ended with 0 and shows no test that ran; {last}", Repeat.Once),
                125 => Verdict(RunClass.PermanentEnv, "exit-125", $"What was to start it could not: {last}", Repeat.No),
                126 => Verdict(RunClass.PermanentEnv, "exit-126", $"A program could not be executed: {last}", Repeat.No),
                127 => Verdict(RunClass.PermanentEnv, "exit-127", $"A program is missing: {last}", Repeat.No),
                254 => Verdict(RunClass.PermanentEnv, "exit-254", $"exit code 254; {last}", Repeat.No),
                255 => Verdict(RunClass.TransientInfra, "exit-255", $"A channel or the command ended with 255; {last}", Repeat.Bounded),
                200 or 203 or 217 => Verdict(RunClass.PermanentEnv, "exit-service", $"The service manager could not start it ({seen.ExitCode}); {last}", Repeat.No),
                64 or 66 or 69 or 72 or 77 or 78 => Verdict(RunClass.PermanentEnv, "exit-sysexits", $"exit code {seen.ExitCode}; {last}", Repeat.No),
                75 => Verdict(RunClass.TransientInfra, "exit-sysexits", $"exit code 75; {last}", Repeat.Bounded),
                _ => Verdict(RunClass.TransientInfra, "unknown", $"exit code {Code(seen)} without any sign that a test ran; {last}", Repeat.Once),
            },
        };
    }

    private sealed record Known(RunClass Class, string Rule, Repeat Repeat);

    /// <summary>The exit codes of a tool that is known by its words.</summary>
    private static Func<int?, Known?>? Dialect(RunText text) =>
        text.Lines.Any(line => Pytest().IsMatch(line)) ? static code => code switch
        {
            3 or 4 => new(RunClass.PermanentEnv, "pytest-exit", Repeat.No),
            5 => new(RunClass.PermanentEnv, "no-tests", Repeat.No),
            2 => new(RunClass.TransientInfra, "interrupted", Repeat.Bounded),
            1 => new(RunClass.TransientInfra, "cut-off", Repeat.Bounded),
            _ => null,
        }
        : text.Lines.Any(line => TestingPlatform().IsMatch(line)) ? static code => code switch
        {
            2 or 13 => new(RunClass.SuiteFail, "platform-exit", Repeat.No),
            8 or 9 => new(RunClass.PermanentEnv, "no-tests", Repeat.No),
            4 or 5 or 12 => new(RunClass.PermanentEnv, "platform-exit", Repeat.No),
            3 or 7 or 10 or 11 => new(RunClass.TransientInfra, "platform-exit", Repeat.Bounded),
            _ => null,
        }
        : null;

    private static RunVerdict? Match(IReadOnlyList<RunRule> rules, RunText text)
    {
        var lines = text.Lines.Select(line => line.Trim()).Where(RunRules.IsComplaint).ToList();
        foreach (var rule in rules)
        {
            if (lines.Find(rule.Reads) is { } line)
                return Verdict(rule.Class, rule.Id, line, rule.Repeat);
        }

        return null;
    }

    // timeout(1) tells of a timeout by 124; our own timer is told by the flag.
    private static bool TimedOut(RunEvidence seen) => seen.TimedOut || seen.ExitCode is 124;

    private static int? Signal(RunEvidence seen) => seen.ExitCode switch
    {
        > 128 and <= 128 + 31 => seen.ExitCode - 128,
        < 0 and >= -31 => -seen.ExitCode, // as some launchers tell it
        _ => null,
    };

    private static bool IsKill(int? signal) => signal is 1 or 2 or 9 or 13 or 15 or 24 or 25;

    /// <summary>Has anything been said beside preparations?</summary>
    private static bool HasBegun(RunText text) => text.Lines.Any(line => !Preparation().IsMatch(line));

    private static string Last(RunText text) => text.Lines.Count == 0 ? "no output" : text.Lines[^1].Trim();

    private static string Code(RunEvidence seen) => seen.ExitCode?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "unknown";

    private static RunVerdict Verdict(RunClass of, string rule, string reason, Repeat repeat)
    {
        var line = Classify.Redaction.Of(reason);
        return new RunVerdict(of, rule, line, repeat);
    }

    [GeneratedRegex(@"^(?:=+ test session starts =+|platform \w+ -- Python .*|rootdir: .*|.*\bpytest-\d.*)$", RegexOptions.NonBacktracking | RegexOptions.CultureInvariant)]
    private static partial Regex Pytest();

    [GeneratedRegex(@"^(?:Test run summary: .*|.*Microsoft\.Testing\.Platform.*|xUnit\.net v3 .*|MSTest v\d.*|NUnit Adapter .*|TUnit v.*)$", RegexOptions.NonBacktracking | RegexOptions.CultureInvariant)]
    private static partial Regex TestingPlatform();

    [GeneratedRegex(@"^\s*(?:Warning: Permanently added .*|Pseudo-terminal will not .*|Determining projects to restore.*|All projects are up-to-date.*|Restore(?:d|ing)? .*|.* : warning NU\d+: .*|\S+ -> \S+\.(?:dll|exe)|npm (?:warn|WARN|notice) .*|npm install.*|added \d+ packages.*|Collecting .*|Downloading .*|Using cached .*|Installing .*|Requirement already .*|Successfully installed .*|Get:\d+ .*|Hit:\d+ .*|Fetched .*|Reading .*|(?:\S+: )?Pull(?:ing|ed)\b.*|\S+: (?:Waiting|Verifying Checksum|Download complete|Extracting).*|Cloning into .*|remote: .*|Receiving objects.*|Resolving .*|From \S+|HEAD is now at .*|Compiling .*|Updating crates.*|Downloaded .*|Starting a Gradle Daemon.*|\[INFO\] (?:Scanning|Downloading|Downloaded|Building|-+|$).*|Downloading from .*|Connecting to .*|Warning: .*|warning: .*|debug1: .*|\+ .*|set -.*|[.]+)$", RegexOptions.NonBacktracking | RegexOptions.CultureInvariant)]
    private static partial Regex Preparation();
}
