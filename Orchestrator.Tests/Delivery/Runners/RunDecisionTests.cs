using Orchestrator.Service.Commands;
using Orchestrator.Service.Delivery.Runners;
using Orchestrator.Tests.Infrastructure;

namespace Orchestrator.Tests.Delivery.Runners;

/// <summary>What runs of suites come to, on made-up outputs and on the collected ones.</summary>
[Trait("Requirement", "RUN-3")]
public sealed class RunDecisionTests
{
    public static TheoryData<string> Names => [.. RunSample.All.Select(sample => sample.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_output_is_what_it_means(string name)
    {
        var sample = RunSample.All.Single(s => s.Name == name);

        var found = RunDecision.Decide(new RunEvidence { ExitCode = sample.ExitCode, Text = RunText.Of(sample.Output) });

        Assert.True(sample.Expected == RunClasses.NameOf(found.Class), $"{name}: expected {sample.Expected}, found {found}");
        Assert.InRange(found.Reason.Length, 0, 300);
    }

    private static string Folder => Path.Combine(SharedData.Root!, "runner");

    [SharedDataFact]
    public void Every_collected_output_is_as_labelled()
    {
        var rows = RunLabel.Parse(File.ReadAllLines(Path.Combine(Folder, "labels.tsv")));

        Assert.NotEmpty(rows);
        Assert.All(rows, row => Assert.Equal((row.File, row.Expected), (row.File, RunClasses.NameOf(row.Decide(Folder).Class))));
    }

    /// <summary>The verdict is held against every change of the exit code and of what is known besides.</summary>
    [Theory]
    [MemberData(nameof(Names))]
    public void Nothing_passes_without_a_test_that_ran_and_an_end_with_0(string name)
    {
        var text = RunText.Of(RunSample.All.Single(s => s.Name == name).Output);
        var proof = TestSummary.Read(text).Counts is { Passed: > 0, Failed: 0 };

        foreach (var code in (int?[])[null, 0, 1, 2, 124, 137, 255])
        {
            Assert.True(RunDecision.Decide(new RunEvidence { ExitCode = code, Text = text }).Class != RunClass.SuitePass || (code == 0 && proof), $"{code}");
            Assert.NotEqual(RunClass.SuitePass, RunDecision.Decide(new RunEvidence { ExitCode = code, Text = text, SummaryDemanded = true }).Class);
            Assert.NotEqual(RunClass.SuitePass, RunDecision.Decide(new RunEvidence { ExitCode = code, Text = text, TimedOut = true }).Class);
            Assert.NotEqual(RunClass.SuitePass, RunDecision.Decide(new RunEvidence { ExitCode = code, Text = text, Channel = ChannelEnd.Broken }).Class);
        }
    }

    [Theory]
    [InlineData(5, 0, 0, 0, "suite-pass", "tests-passed")]
    [InlineData(5, 0, 2, 0, "suite-pass", "tests-passed")]
    [InlineData(4, 1, 0, 1, "suite-fail", "tests-failed")]
    [InlineData(4, 1, 0, 0, "suite-fail", "tests-failed")]
    [InlineData(4, 1, 0, 137, "suite-fail", "tests-failed")]
    [InlineData(5, 0, 0, 1, "transient-infra", "inconsistent")]
    [InlineData(5, 0, 0, 137, "transient-infra", "inconsistent")]
    [InlineData(0, 0, 0, 0, "permanent-env", "no-tests")]
    [InlineData(0, 0, 3, 0, "permanent-env", "no-tests")]
    public void A_summary_for_machines_comes_before_the_exit_code(int passed, int failed, int skipped, int code, string expected, string rule)
    {
        var found = RunDecision.Decide(new RunEvidence { ExitCode = code, SummaryDemanded = true, Summary = new MachineSummary(new TestCounts(passed, failed, skipped)), Text = RunText.Of("9 passed in 0.10s\n") });

        Assert.Equal((expected, rule), (RunClasses.NameOf(found.Class), found.Rule));
    }

    [Fact]
    public void Words_prove_a_failure_but_no_pass_where_a_summary_was_asked_for()
    {
        Assert.Equal("summary-missing", RunDecision.Decide(new RunEvidence { ExitCode = 0, SummaryDemanded = true, Text = RunText.Of("9 passed in 0.10s\n") }).Rule);
        Assert.Equal("tests-failed", RunDecision.Decide(new RunEvidence { ExitCode = 1, SummaryDemanded = true, Text = RunText.Of("1 failed, 9 passed in 0.10s\n") }).Rule);
    }

    [Fact]
    public void A_timeout_is_a_hang_of_the_code_only_after_it_began()
    {
        Assert.Equal("no-start", RunDecision.Decide(new RunEvidence { ExitCode = 143, TimedOut = true, Text = RunText.Of("  Determining projects to restore...\n") }).Rule);
        Assert.Equal("hang", RunDecision.Decide(new RunEvidence { ExitCode = 143, TimedOut = true, Text = RunText.Of("collected 3 items\n") }).Rule);
        Assert.Equal("hang", RunDecision.Decide(new RunEvidence { ExitCode = 143, TimedOut = true, Summary = new MachineSummary(new TestCounts(1, 0, 0)) }).Rule);
    }

    [Fact]
    public void A_start_that_failed_is_told_from_one_that_may_pass()
    {
        Assert.Equal((RunClass.PermanentEnv, "cannot-start"), Of(new RunEvidence { Spawn = new SpawnFault(false, "x") }));
        Assert.Equal((RunClass.TransientInfra, "not-started"), Of(new RunEvidence { Spawn = new SpawnFault(true, "x") }));

        static (RunClass, string) Of(RunEvidence seen) => RunDecision.Decide(seen) is var found ? (found.Class, found.Rule) : default;
    }

    [Fact]
    public void A_failure_that_the_repository_knows_to_be_a_lost_service_is_infrastructure()
    {
        var seen = new RunEvidence { ExitCode = 1, Text = RunText.Of("E   ConnectionError: db down\n1 failed, 8 passed in 1.00s\n") };

        Assert.Equal("tests-failed", RunDecision.Decide(seen).Rule);
        Assert.Equal("repository-pattern", RunDecision.Decide(seen with { TransientPatterns = [new("ConnectionError: db down")] }).Rule);
    }

    [Fact]
    public void A_remote_command_may_end_with_255_and_a_lost_channel_may_not_fail_the_code()
    {
        var text = RunText.Of("CHECK /health ... FAIL: 500\n");

        Assert.Equal("test-failed", RunDecision.Decide(new RunEvidence { ExitCode = 255, Text = text }).Rule);
        Assert.Equal("channel-broken", RunDecision.Decide(new RunEvidence { ExitCode = 255, Text = text, Channel = ChannelEnd.Broken }).Rule);
    }

    [Fact]
    public void Keys_are_masked_in_reasons()
    {
        var found = RunDecision.Decide(new RunEvidence { ExitCode = 1, Text = RunText.Of("fatal: unable to access 'https://bot:hunter2secret@git.example/a.git/': Could not resolve host: git.example\n") });

        Assert.DoesNotContain("hunter2secret", found.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void The_reading_of_hostile_output_takes_no_longer()
    {
        var text = RunText.Of(string.Concat(Enumerable.Repeat("1 failed, " + new string('a', 300) + " !!!! 1, 2, 3, 4 passed in: : : \n", 20_000)));
        var began = TimeProvider.System.GetTimestamp();

        RunDecision.Decide(new RunEvidence { ExitCode = 1, Text = text });

        Assert.InRange(TimeProvider.System.GetElapsedTime(began), TimeSpan.Zero, TimeSpan.FromSeconds(20));
    }

    [Fact]
    public void The_verb_prints_what_decided_and_counts_what_is_missed()
    {
        using var folder = new TemporaryFolder();
        var table = Path.Combine(folder.Path, "labels.tsv");
        File.WriteAllText(Path.Combine(folder.Path, "a.log"), "1 failed, 2 passed in 0.10s\n");
        File.WriteAllLines(table, ["class\tsource\tfile\trc", "suite-fail\tx\ta.log\t1", "suite-pass\tx\ta.log\t1", "\tx\ta.log\t"]);

        var missed = Run(table);

        Assert.Equal(
            (1, """
            file   class            rule
            a.log  suite-fail       tests-failed
            a.log  suite-fail       tests-failed  MISSED: expected suite-pass
            a.log  suite-fail       tests-failed
            1 of 2 as expected

            """, ""), missed);
        File.WriteAllLines(table, ["file\trc\tclass", "a.log\t1\tsuite-fail"]);
        Assert.Equal(0, Run(table).ExitCode);
    }

    [Theory]
    [InlineData("file\tclass", "a.log\tsuite-fail", ", row 1: there is no column named rc.")]
    [InlineData("rc\tclass", "1\tsuite-fail", ", row 1: there is no column named file.")]
    [InlineData("file\trc\tclass", "a.log\tone\tsuite-fail", ", row 2: rc is \"one\". Write a whole number")]
    [InlineData("file\trc\tclass", "a.log\t1\tfine", ", row 2: class is \"fine\". Write one of suite-pass, suite-fail, permanent-env, transient-infra")]
    [InlineData("file\trc\tclass", "\t1\tsuite-fail", ", row 2: file is empty.")]
    [InlineData("file\trc\tclass", "none.log\t1\tsuite-fail", ", row 2: none.log can't be read: ")]
    public void A_table_that_cannot_be_used_is_told(string header, string row, string told)
    {
        using var folder = new TemporaryFolder();
        var table = Path.Combine(folder.Path, "labels.tsv");
        File.WriteAllText(Path.Combine(folder.Path, "a.log"), "x");
        File.WriteAllLines(table, [header, row]);

        var end = Run(table);

        Assert.Equal((2, ""), (end.ExitCode, end.Output));
        Assert.StartsWith(table + told, end.Errors, StringComparison.Ordinal);
        Assert.Equal(2, Run(table + ".no").ExitCode);
    }

    [Fact]
    public async Task The_command_line_knows_the_verb()
    {
        var end = await Infrastructure.Command.RunAsync("dotnet", [Path.Combine(AppContext.BaseDirectory, "Orchestrator.Service.dll"), "classify-run", "/nowhere/labels.tsv"]);

        Assert.Equal((2, "", "/nowhere/labels.tsv is no file. Name a table of labelled outputs, such as labels.tsv."), (end.ExitCode, end.Output, end.Errors.Trim()));
    }

    private static (int ExitCode, string Output, string Errors) Run(string table)
    {
        using var output = new StringWriter { NewLine = "\n" };
        using var errors = new StringWriter { NewLine = "\n" };
        return (ClassifyRunVerb.Run(table, output, errors), output.ToString(), errors.ToString());
    }
}
