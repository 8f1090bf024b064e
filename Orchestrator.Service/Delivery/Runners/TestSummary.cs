using System.Globalization;
using System.Text.RegularExpressions;

namespace Orchestrator.Service.Delivery.Runners;

/// <summary>What the words of test tools prove: the sum of all summaries that are found in a run's output.</summary>
/// <param name="Counts">Tests by what became of them.</param>
/// <param name="Deciding">The line that a verdict should show: the last that tells of a failure, otherwise the last summary; empty without any.</param>
/// <param name="SaysNone">The line that says that there was no test; null if none does.</param>
/// <param name="FailedTest">The line of a single test that failed, where a summary may be missing; null if there is none.</param>
/// <param name="Contradiction">Counts of one summary that don't add up; null if all do.</param>
internal sealed record TestSummary(TestCounts Counts, string Deciding, string? SaysNone, string? FailedTest, string? Contradiction)
{
    public static TestSummary Read(RunText text) => new SummaryReader().Read(text.Lines);
}

/// <summary>
/// Reads the summaries of test tools. A summary is recognised by the form of its whole line, as the tool prints it; a sentence about tests has another one.
/// </summary>
internal sealed partial class SummaryReader
{
    private const int LongestSummary = 500;

    private enum Order { NumberWord, WordNumber }

    private sealed record Form(string Tool, Regex Line, Order Order);

    private static readonly Dictionary<string, char> Kinds = KindsOf(
        ('F', "failed failure failures failing fail fails error errors errored cancelled canceled undefined ambiguous interrupted crashed invalid"),
        ('P', "passed passing pass succeeded success successes successful xfailed xpassed flaky"),
        ('S', "skipped skip skips ignored pending pendings todo disabled omissions incomplete did"),
        ('N', "total tests test run runs examples example specs spec scenarios scenario completed doctest doctests properties"));

    private const string Outcome = @"\d+ (?:failed|passed|skipped|deselected|xfailed|xpassed|warnings?|errors?|rerun|subtests? \w+|total|todo|pending|obsolete|expected fail)";

#pragma warning disable format // a table
    private static readonly Form[] Forms =
    [
        new("pytest",    Whole($@"=*\s?{Outcome}(?:, {Outcome})* in \d+(?:[.,]\d+)?(?:s| seconds)(?: \([\w:, ]+\))?\s?=*"),                      Order.NumberWord),
        new("jest",      Whole($@"Tests: +{Outcome}(?:, {Outcome})*"),                                                                           Order.NumberWord),
        new("vitest",    Whole($@"\s*Tests +{Outcome}(?: \| {Outcome})* \(\d+\)"),                                                               Order.NumberWord),
        new("indented",  Whole(@"\s{2,6}\d+ (?:passing|passed|flaky) \(\d[\w. ]*\)"),                                                            Order.NumberWord),
        new("indented",  Whole(@"\s{2,6}\d+ (?:failing|failed|pending|skipped|did not run|interrupted)"),                                        Order.NumberWord),
        new("ava",       Whole(@"\s{2}(?:[✔✘] )?\d+ tests? (?:passed|failed|skipped)"),                                                          Order.NumberWord),
        new("counted",   Whole(@"\d+ (?:specs?|examples?|runs?|tests?|doctests?|scenarios?)(?: passed)?(?:, \d+ [a-z][a-z ]*)+\.?(?: in [\w. ]+)?"), Order.NumberWord),
        new("cucumber",  Whole(@"\d+ scenarios? \(\d+ [a-z]+(?:, \d+ [a-z]+)*\)"),                                                               Order.NumberWord),
        new("cargo",     Whole(@"test result: \w+\. \d+ passed; \d+ failed;.*"),                                                                 Order.NumberWord),
        new("nextest",   Whole(@"\s*Summary \[.*\] \d+(?:/\d+)? tests? run: .*"),                                                                Order.NumberWord),
        new("gotestsum", Whole(@"DONE \d+ tests?(?:, \d+ \w+)* in [\w.]+"),                                                                      Order.NumberWord),
        new("gradle",    Whole(@"\d+ tests? completed(?:, \d+ \w+)*"),                                                                           Order.NumberWord),
        new("junit",     Whole(@"\[ +\d+ tests (?:successful|failed|skipped|aborted) +\]"),                                                      Order.NumberWord),
        new("doctest",   Whole(@"(?:\[doctest\] )?test cases: +\d+ \|.*"),                                                                       Order.NumberWord),
        new("deno",      Whole(@"(?:ok|FAILED) \| \d+ passed.*\| \d+ failed.*"),                                                                 Order.NumberWord),
        new("clojure",   Whole(@"\d+ failures, \d+ errors\."),                                                                                   Order.NumberWord),
        new("surefire",  Whole(@"(?:\[\w+\] +)?Tests run: \d+, Failures: \d+, Errors: \d+, Skipped: \d+(?:,? (?:Flakes|Time elapsed): .*)?(?: +<<< .*)?"), Order.WordNumber),
        new("phpunit",   Whole(@"Tests: \d+, Assertions: \d+(?:, [A-Z][\w ]+: \d+)*\."),                                                         Order.WordNumber),
        new("scalatest", Whole(@"(?:\[\w+\] )?(?:Tests: succeeded \d+, failed \d+,.*|\w+: Total \d+, Failed \d+, Errors \d+, Passed \d+.*)"),     Order.WordNumber),
        new("pester",    Whole(@"Tests Passed: \d+, Failed: \d+,.*"),                                                                            Order.WordNumber),
        new("trial",     Whole(@"(?:PASSED|FAILED) \((?:[a-z ]+=\d+, )*successes=\d+(?:, [a-z ]+=\d+)*\)"),                                      Order.WordNumber),
    ];

    /// <summary>Where a tool says itself that there was nothing to run.</summary>
    private static readonly Regex[] Nothing =
    [
        Whole(@"=*\s?(?:no tests ran|\d+ (?:deselected|warnings?)(?:, \d+ (?:deselected|warnings?))*) in .*|no tests collected.*|collected 0 items.*"),
        Whole(@"Ran 0 tests in .*|NO TESTS RAN.*|Found 0 test\(s\)\."),
        Whole(@"No test (?:matches the given testcase filter|is available in) .*|.*\bZero tests ran\b.*|Minimum expected tests policy violation, tests ran 0.*|\s*error: Zero tests ran.*"),
        Whole(@"\s*No tests? (?:files? )?found[,.:! ]?.*|(?:Error: )?No (?:test|spec) files? found.*|Tests: +(?:0 total|no tests)|\s*Tests +no tests|No specs found.*|\s*0 passing(?: \(.*\))?"),
        Whole(@"testing: warning: no tests to run|\?\s+\S+\s+\[no test files\]|(?:go: warning: )?.*matched no packages|no packages to test|error: no tests to run"),
        Whole(@"(?:\[\w+\] +)?(?:No tests (?:to run|were (?:executed|found)|matching).*|Tests run: 0, Failures: 0, Errors: 0,.*)|> No tests found for given includes.*|.*No tests were executed.*"),
        Whole(@"0 (?:examples|specs|runs|tests|scenarios)(?:, 0 [a-z ]+)*\.?|No tests executed!?|No tests were found!*|Result: NOTESTS|\[==========\] 0 tests .*|No tests ran\.?|Executed 0 of 0 .*|Error: No tests found.*"),
        Whole(@"SUMMARY total=0 .*|1\.\.0(?: .*)?"),
    ];

    /// <summary>One test that failed, as tools tell it while they run.</summary>
    private static readonly Regex[] Failing =
    [
        Whole(@"(?:FAILED|ERROR) \S+\.py(?:::.*)?(?: - .*)?|=+ (?:FAILURES|ERRORS) =+|_+ ERROR (?:collecting|at setup of|at teardown of) .*"),
        Whole(@"(?:FAIL|ERROR): \w+ \([\w.<> ]+\).*"),
        Whole(@"\s*--- FAIL: \S+ \(.*\)|FAIL\t\S+\t[\d.]+s"),
        Whole(@"\s+Failed .+ \[[< \d].*s\]|\[xUnit\.net [\d:.]+\] +.* \[FAIL\]|failed \S+ \([\w. ]+\)"),
        Whole(@"test \S+ \.\.\. FAILED|---- \S+ stdout ----"),
        Whole(@"FAIL +(?:\S+ )?\S+\.(?:test|spec|cy|e2e)\.\w+.*|\s+[✕✗✘×] .+|\s+● .+ › .+|✖ .+ \(\d[\d.]*m?s\)"),
        Whole(@"(?:\[ERROR\] +)?.*<<< (?:FAILURE|ERROR)!.*|[^>:]\S* > .+ FAILED"),
        Whole(@"CHECK \S+ \.\.\. FAIL.*|\[  FAILED  \] \S+.*|\[FAIL(?:ED)?\] \S.*|FAIL: \S.*"),
    ];
#pragma warning restore format

    private TestCounts _counts;
    private string _last = "", _lastFailure = "";
    private string? _none, _failedTest, _contradiction;

    public TestSummary Read(IReadOnlyList<string> all)
    {
        var lines = WithoutQuotes(all);
        int? ran = null, subtests = null;
        int? planned = null;
        var tap = TestCounts.None;
        bool inTotals = false, inRunSummary = false, bun = false;
        var bunCounts = TestCounts.None;
        (string Line, TestCounts Counts, string? Contradiction)? own = null;
        for (var at = 0; at < lines.Count; at++)
        {
            var line = lines[at];
            if (line.Length > LongestSummary)
                continue;
            if (_failedTest is null && Array.Exists(Failing, form => form.IsMatch(line)) && !ForgivenTap().IsMatch(line))
                _failedTest = line;
            if (_failedTest is null && TapTest().Match(line) is { Success: true, Groups: var one } && one["not"].Success && !one["excuse"].Success)
                _failedTest = line;
            if (_none is null && Array.Exists(Nothing, form => form.IsMatch(line)))
                _none = line;

            if (OwnLine().Match(line) is { Success: true } told)
                own = (line, Counts(told), MachineSummaries.Contradiction(told));
            else if (UnittestRan().Match(line) is { Success: true } count)
                ran = Number(count.Groups[1]);
            else if (UnittestEnd().Match(line) is { Success: true } end)
            {
                // Without the line before it (cut off, or another tool's OK) there is no count.
                var parts = Parts(end.Groups["parts"].Value);
                var failed = parts.GetValueOrDefault("failures") + parts.GetValueOrDefault("errors") + parts.GetValueOrDefault("unexpected successes");
                if (end.Groups["failed"].Success)
                    failed = Math.Max(1, failed);
                if (ran is not null || failed > 0)
                    Add(line, new TestCounts(Math.Max(0, (ran ?? 0) - failed - parts.GetValueOrDefault("skipped")), failed, parts.GetValueOrDefault("skipped")));
                ran = null;
            }
            else if (FourCounts().Match(line) is { Success: true } four && AddsUp(four))
                Add(line, new TestCounts(Number(four.Groups["p"]), Number(four.Groups["f"]), Number(four.Groups["s"])));
            else if (TotalFirst().Match(line) is { Success: true } total && AddsUp(total))
                Add(line, new TestCounts(Number(total.Groups["p"]), Number(total.Groups["f"]), Number(total.Groups["s"])));
            else if (line.StartsWith("Total tests: ", StringComparison.Ordinal))
                inTotals = true;
            else if (line.StartsWith("Test run summary: ", StringComparison.Ordinal))
                inRunSummary = true;
            else if ((inTotals && TotalsLine().Match(line) is { Success: true } block && block.Length > 0) || (inRunSummary && SummaryLine().Match(line) is { Success: true } summary && summary.Length > 0))
                Add(line, Items(line, Order.WordNumber));
            else if (NodeLine().Match(line) is { Success: true } node)
                Add(line, node.Groups["word"].Value is "tests" or "suites" ? TestCounts.None : Items($"{node.Groups["n"].Value} {node.Groups["word"].Value}", Order.NumberWord));
            else if (SuitesLine().Match(line) is { Success: true } suites)
                Add(line, new TestCounts(0, Number(suites.Groups["f"]), 0));
            else if (GoLine().Match(line) is { Success: true } go)
                // A test program that was killed from outside failed no test.
                Add(line, go.Groups["ok"].Success ? new TestCounts(1, 0, 0) : new TestCounts(0, at > 0 && lines[at - 1].StartsWith("signal: ", StringComparison.Ordinal) ? 0 : 1, 0));
            else if (GradleTest().Match(line) is { Success: true } event_)
                Add(line, event_.Groups["end"].Value switch { "PASSED" => new TestCounts(1, 0, 0), "FAILED" => new TestCounts(0, 1, 0), _ => new TestCounts(0, 0, 1) });
            else if (CtestEnd().Match(line) is { Success: true } ctest)
                Add(line, new TestCounts(Number(ctest.Groups["n"]) - Number(ctest.Groups["f"]), Number(ctest.Groups["f"]), 0));
            else if (PassedCount().Match(line) is { Success: true } passed)
                Add(line, new TestCounts(passed.Groups.Values.Skip(1).Where(group => group.Success).Sum(Number), 0, 0));
            else if (FailedCount().Match(line) is { Success: true } failures)
                Add(line, new TestCounts(0, failures.Groups.Values.Skip(1).Where(group => group.Success).Sum(Number), 0));
            else if (XcEnd().Match(line) is { Success: true } both)
                Add(line, new TestCounts(Math.Max(0, Number(both.Groups["n"]) - Number(both.Groups["f"])), Number(both.Groups["f"]), 0));
            else if (DartEnd().Match(line) is { Success: true } dart)
                Add(line, new TestCounts(Number(dart.Groups["p"]), Number(dart.Groups["f"]), 0));
            else if (ProveCount().Match(line) is { Success: true } prove)
                subtests = Number(prove.Groups[1]);
            else if (line is "Result: PASS" && subtests is { } proven)
                Add(line, new TestCounts(proven, 0, 0));
            else if (line is "Result: FAIL")
                Add(line, new TestCounts(0, 1, 0));
            else if (BunCount().Match(line) is { Success: true })
                bunCounts += Items(line, Order.NumberWord);
            else if (BunEnd().IsMatch(line))
                bun = true;
            else if (TapPlan().Match(line) is { Success: true } plan)
                planned = Number(plan.Groups[1]);
            else if (TapTest().Match(line) is { Success: true } test && !line.StartsWith(' '))
                tap += test.Groups["excuse"].Success ? new TestCounts(0, 0, 1) : test.Groups["not"].Success ? new TestCounts(0, 1, 0) : new TestCounts(1, 0, 0);
            else if (Array.Find(Forms, form => form.Line.IsMatch(line)) is { } form)
                Add(line, Items(form.Tool == "cucumber" ? line[line.IndexOf('(', StringComparison.Ordinal)..] : line, form.Order));
        }

        // The last line of our own form counts: what comes before it may be an echo. It stands for the whole run.
        if (own is { } told_)
        {
            _contradiction = told_.Contradiction;
            Add(told_.Line, told_.Counts);
        }

        if (bun)
            Add("Ran tests across files", bunCounts);
        if (_counts.Ran == 0 && planned > 0)
        {
            Add($"1..{planned}", tap);
            if (tap.Ran + tap.Skipped < planned && tap.Failed == 0)
                _contradiction = $"{planned} tests were planned, and {tap.Ran + tap.Skipped} are told of";
        }

        return new TestSummary(_counts, _lastFailure.Length > 0 ? _lastFailure : _last, _none, _failedTest, _contradiction);
    }

    private void Add(string line, TestCounts counts)
    {
        _counts += counts;
        _last = line.Trim();
        if (counts.Failed > 0)
            _lastFailure = _last;
    }

    /// <summary>What stands between two fences is quoted: an agent's prose shows what it saw.</summary>
    private static List<string> WithoutQuotes(IReadOnlyList<string> lines)
    {
        var kept = new List<string>(lines.Count);
        for (var at = 0; at < lines.Count; at++)
        {
            if (!lines[at].StartsWith("```", StringComparison.Ordinal))
            {
                kept.Add(lines[at]);
                continue;
            }

            var end = at + 1;
            while (end < lines.Count && lines[end].TrimEnd() != "```")
                end++;
            if (end < lines.Count)
                at = end;
        }

        return kept;
    }

    private static TestCounts Items(string line, Order order)
    {
        int passed = 0, failed = 0, skipped = 0, total = 0;
        var sawPassed = false;
        foreach (Match item in (order == Order.NumberWord ? NumberWord() : WordNumber()).Matches(line))
        {
            var count = Number(item.Groups["n"]);
            switch (Kinds.GetValueOrDefault(item.Groups["word"].Value.ToLowerInvariant()))
            {
                case 'F':
                    failed += count;
                    break;
                case 'P':
                    passed += count;
                    sawPassed = true;
                    break;
                case 'S':
                    skipped += count;
                    break;
                case 'N':
                    total += count;
                    break;
                default:
                    break; // assertions, warnings, what was filtered out
            }
        }

        return new TestCounts(sawPassed ? passed : Math.Max(0, total - failed - skipped), failed, skipped);
    }

    private static TestCounts Counts(Match told) => new(Number(told.Groups["p"]), Number(told.Groups["f"]), Number(told.Groups["s"]));

    private static bool AddsUp(Match counts) => Number(counts.Groups["p"]) + Number(counts.Groups["f"]) + Number(counts.Groups["s"]) == Number(counts.Groups["n"]);

    private static Dictionary<string, int> Parts(string parts) =>
        parts.Split(", ", StringSplitOptions.RemoveEmptyEntries).Select(part => part.Split('=')).Where(part => part.Length == 2)
            .GroupBy(part => part[0], StringComparer.Ordinal).ToDictionary(part => part.Key, part => part.Sum(p => Number(p[1])), StringComparer.Ordinal);

    internal static int Number(Group group) => group.Success ? Number(group.Value) : 0;

    // More than a million tests is a number of something else.
    private static int Number(string digits) => int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? Math.Min(number, 1_000_000) : 1_000_000;

    private static Regex Whole(string pattern) => new($@"^(?:{pattern})$", RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);

    private static Dictionary<string, char> KindsOf(params (char Kind, string Words)[] kinds) =>
        kinds.SelectMany(kind => kind.Words.Split(' ').Select(word => (word, kind.Kind))).ToDictionary(pair => pair.word, pair => pair.Kind, StringComparer.Ordinal);

    private const RegexOptions Linear = RegexOptions.NonBacktracking | RegexOptions.CultureInvariant;

    [GeneratedRegex(@"(?<n>\d+)\s+(?:(?:tests?|test cases|scenarios?|specs?)\s+)?(?<word>[A-Za-z]+)", RegexOptions.CultureInvariant)]
    private static partial Regex NumberWord();

    [GeneratedRegex(@"(?<word>[A-Za-z]+)\s*[:=]?\s*(?<n>\d+)", RegexOptions.CultureInvariant)]
    private static partial Regex WordNumber();

    /// <summary>Our own form, without or with a nonce.</summary>
    [GeneratedRegex(@"^SUMMARY total=(?<n>\d+) passed=(?<p>\d+) failed=(?<f>\d+)(?: skipped=(?<s>\d+))?(?: nonce=(?<nonce>[\w-]+))?$", Linear)]
    internal static partial Regex OwnLine();

    [GeneratedRegex(@"^Ran (\d+) tests? (?:in [\d.]+s|containing \d+ assertions?\.)$", Linear)]
    private static partial Regex UnittestRan();

    [GeneratedRegex(@"^(?:OK|(?<failed>FAILED))(?: \((?<parts>[a-z ]+=\d+(?:, [a-z ]+=\d+)*)\))?$", Linear)]
    private static partial Regex UnittestEnd();

    // In every language the same: a word with a mark, then failed, passed, skipped and their sum.
    [GeneratedRegex(@"^\s*[^\d!！]{2,40}[!！] {0,5} ?[-–:] \D{2,40}(?<f>\d+)[,，、;] {0,3}\D{2,40}(?<p>\d+)[,，、;] {0,3}\D{2,40}(?<s>\d+)[,，、;] {0,3}\D{2,40}(?<n>\d+)\b", Linear)]
    private static partial Regex FourCounts();

    [GeneratedRegex(@"^[^\d:.]{4,40}: \D{2,30}: (?<n>\d+)[,;] \D{2,30}: (?<f>\d+)[,;] \D{2,30}: (?<p>\d+)[,;] \D{2,30}: (?<s>\d+)\b", Linear)]
    private static partial Regex TotalFirst();

    [GeneratedRegex(@"^ {2,10}(?:Passed|Failed|Skipped): \d+$", Linear)]
    private static partial Regex TotalsLine();

    [GeneratedRegex(@"^ {2}(?:failed|succeeded|skipped): \d+$", Linear)]
    private static partial Regex SummaryLine();

    [GeneratedRegex(@"^[#ℹ] (?<word>tests|suites|pass|fail|cancelled|skipped|todo) +(?<n>\d+)$", Linear)]
    private static partial Regex NodeLine();

    [GeneratedRegex(@"^(?:Test Suites: +|\s*Test Files +|\s+Errors +)(?<f>\d+) (?:failed.*|errors?)$", Linear)]
    private static partial Regex SuitesLine();

    [GeneratedRegex(@"^(?:(?<ok>ok)\s+\S+\s+(?:[\d.]+s|\(cached\))(?:\s+coverage: .*)?|FAIL\t\S+(?:\t[\d.]+s| \[build failed\]))$", Linear)]
    private static partial Regex GoLine();

    [GeneratedRegex(@"^[A-Za-z_][\w.$]* > .+ (?<end>PASSED|FAILED|SKIPPED)(?: \([\d.]+m?s\))?$", Linear)]
    private static partial Regex GradleTest();

    [GeneratedRegex(@"^\d+% tests passed, (?<f>\d+) tests? failed out of (?<n>\d+)$", Linear)]
    private static partial Regex CtestEnd();

    [GeneratedRegex(@"^(?:OK \((\d+) tests?, \d+ assertions?\)|All tests passed \(\d+ assertions? in (\d+) test cases?\)|\[  PASSED  \] (\d+) tests?\.|.*\bExecuted (\d+) of \d+ (?:\(skipped \d+\) )?SUCCESS \(.*\)|(?:SUCCESS|✔|✓):? Executed (\d+) tests in .*)$", Linear)]
    private static partial Regex PassedCount();

    [GeneratedRegex(@"^(?:\[  FAILED  \] (\d+) tests?, listed below:|.*\bExecuted \d+ of \d+ \((\d+) FAILED\).*|FAILURE: Executed \d+ tests in .*\((\d+) failed.*)$", Linear)]
    private static partial Regex FailedCount();

    [GeneratedRegex(@"^\s*Executed (?<n>\d+) tests?, with (?:\d+ tests? skipped and )?(?<f>\d+) failures? .*$", Linear)]
    private static partial Regex XcEnd();

    [GeneratedRegex(@"^\d\d:\d\d \+(?<p>\d+)(?: ~\d+)?(?: -(?<f>\d+))?: (?:All tests passed!|Some tests failed\.)$", Linear)]
    private static partial Regex DartEnd();

    [GeneratedRegex(@"^Files=\d+, Tests=(\d+), .*$", Linear)]
    private static partial Regex ProveCount();

    [GeneratedRegex(@"^ \d+ (?:pass|fail|skip)$", Linear)]
    private static partial Regex BunCount();

    [GeneratedRegex(@"^Ran \d+ tests? across \d+ files?\..*$", Linear)]
    private static partial Regex BunEnd();

    [GeneratedRegex(@"^1\.\.(\d+)$", Linear)]
    private static partial Regex TapPlan();

    [GeneratedRegex(@"^\s*(?<not>not )?ok \d+\b[^#]*(?:#\s*(?<excuse>TODO|SKIP|todo|skip).*)?.*$", Linear)]
    private static partial Regex TapTest();

    [GeneratedRegex(@"#\s*(?:TODO|SKIP)\b", Linear | RegexOptions.IgnoreCase)]
    private static partial Regex ForgivenTap();
}
