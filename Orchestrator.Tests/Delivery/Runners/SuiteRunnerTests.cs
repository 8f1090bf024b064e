using Orchestrator.Local.StandIns;
using Orchestrator.Service.Delivery.Runners;
using Orchestrator.Tests.Infrastructure;

namespace Orchestrator.Tests.Delivery.Runners;

/// <summary>Real programs and real test tools, run and judged.</summary>
[Trait("Requirement", "RUN-1")]
[Trait("Requirement", "RUN-3")]
public sealed class SuiteRunnerTests : IDisposable
{
    private const string Python = "/usr/bin/python3"; // Debian's, where pytest is
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("def test_a(): assert 1\n", "suite-pass", "tests-passed")]
    [InlineData("def test_a(): assert 0\n", "suite-fail", "tests-failed")]
    [InlineData("def helper(): pass\n", "permanent-env", "no-tests")]
    [InlineData("import nosuch_module\n", "suite-fail", "tests-failed")]
    [InlineData("import os\ndef test_a(): os._exit(1)\n", "transient-infra", "cut-off")]
    [InlineData("import os\ndef test_a(): os._exit(0)\n", "transient-infra", "no-proof")]
    [InlineData("import os, signal\ndef test_a(): os.kill(os.getpid(), signal.SIGKILL)\n", "transient-infra", "killed")]
    [InlineData("import os, signal\ndef test_a(): os.kill(os.getpid(), signal.SIGSEGV)\n", "suite-fail", "crash")]
    public async Task Pytest_is_judged_by_its_summary(string code, string expected, string rule)
    {
        Write("test_it.py", code);

        var run = await RunAsync(Suite(Python, "-m", "pytest", "-p", "no:cacheprovider", "--junitxml={junit}"));

        Assert.Equal((expected, rule), (RunClasses.NameOf(run.Verdict.Class), run.Verdict.Rule));
    }

    [Fact]
    public async Task Pytest_with_a_broken_conftest_is_the_codes_and_with_a_wrong_path_the_set_ups()
    {
        Write("test_it.py", "def test_a(): pass\n");

        Assert.Equal("permanent-env", await ClassAsync(Suite(Python, "-m", "pytest", "--junitxml={junit}", "nosuch_folder")));
        Write("conftest.py", "import nosuch_module\n");
        Assert.Equal("suite-fail", await ClassAsync(Suite(Python, "-m", "pytest", "--junitxml={junit}")));
        Assert.Equal("permanent-env", await ClassAsync(Suite(Python, "-m", "nosuch_pytest")));
    }

    [Theory]
    [InlineData("test('a', () => {})", "suite-pass")]
    [InlineData("test('a', () => { throw new Error('x') })", "suite-fail")]
    public async Task Node_is_judged_by_its_words(string code, string expected)
    {
        Write("a.test.js", "const test = require('node:test');\n" + code);
        Write("package.json", """{"name":"a","version":"1.0.0","scripts":{"test":"node --test"}}""");

        Assert.Equal(expected, await ClassAsync(Suite("node", "--test")));
        Assert.Equal(expected, await ClassAsync(Suite("npm", "test")));
        Assert.Equal("permanent-env", await ClassAsync(Suite("npm", "run", "nosuch")));
        Assert.Equal("permanent-env", await ClassAsync(Suite("node", "--test", "nosuch.test.js")));
    }

    [Fact]
    public async Task Dotnet_without_a_project_is_a_fault_of_the_set_up() => Assert.Equal("permanent-env", await ClassAsync(Suite("dotnet", "test", "nosuch.csproj")));

    /// <summary>One project, from the packages that these tests were built with: no feed is asked.</summary>
    [Fact]
    public async Task Dotnet_is_judged_by_its_results_file()
    {
        var versions = System.Xml.Linq.XDocument.Load(Path.Combine(Repository.Root, "Directory.Packages.props")).Descendants("PackageVersion").ToDictionary(p => (string)p.Attribute("Include")!, p => (string)p.Attribute("Version")!);
        var packages = string.Concat(new[] { "Microsoft.NET.Test.Sdk", "xunit", "xunit.runner.visualstudio" }.Select(name => $"<PackageReference Include=\"{name}\" Version=\"{versions[name]}\"/>"));
        Write("T.csproj", $"<Project Sdk=\"Microsoft.NET.Sdk\"><PropertyGroup><TargetFramework>net10.0</TargetFramework><NuGetAudit>false</NuGetAudit></PropertyGroup><ItemGroup>{packages}</ItemGroup></Project>");
        Write("NuGet.config", "<configuration><packageSources><clear/></packageSources></configuration>");
        Write("T.cs", """
            public class T
            {
                [Xunit.Fact] public void Good() { }
                [Xunit.Fact] public void Bad() => Xunit.Assert.Fail("x");
                [Xunit.Fact] public void Crashes() => System.Environment.FailFast("x");
                [Xunit.Fact] public void Leaves() => System.Environment.Exit(0);
            }
            """);

        Assert.Equal("tests-passed", await RuleAsync("T.Good", build: true));
        Assert.Equal("tests-failed", await RuleAsync("T.Good|FullyQualifiedName=T.Bad"));
        Assert.Equal("no-tests", await RuleAsync("T.Nosuch"));
        Assert.Equal("crash", await RuleAsync("T.Crashes"));
        Assert.Equal("crash", await RuleAsync("T.Leaves"));
        Write("T.cs", "public class T {");
        Assert.Equal("compile", await RuleAsync("T.Good", build: true));

        async Task<string> RuleAsync(string test, bool build = false)
        {
            var suite = Suite("dotnet", ["test", .. build ? (string[])["-nodeReuse:false"] : ["--no-build"], "--filter", $"FullyQualifiedName={test}", "--logger", "trx;LogFileName={trx}"]);
            if (Environment.GetEnvironmentVariable("NUGET_PACKAGES") is { } cache)
                suite.Environment["NUGET_PACKAGES"] = cache;
            return (await RunAsync(suite)).Verdict.Rule;
        }
    }

    [Fact]
    public async Task A_summary_needs_this_runs_nonce()
    {
        Script("./run.sh", "echo \"SUMMARY total=2 passed=2 failed=0 nonce=$1\"");

        Assert.Equal("tests-passed", (await RunAsync(Suite("./run.sh", "{nonce}"))).Verdict.Rule);
        Script("./run.sh", "echo 'SUMMARY total=2 passed=2 failed=0 nonce=0123'");
        Assert.Equal("summary-missing", (await RunAsync(Suite("./run.sh", "{nonce}"))).Verdict.Rule);
    }

    [Fact]
    public async Task Results_of_an_earlier_run_are_no_proof()
    {
        Directory.CreateDirectory(Path.Combine(_folder.Path, "reports"));
        Write("reports/old.xml", "<testsuite tests=\"1\"><testcase name=\"a\"/></testsuite>");
        Script("./run.sh", "exit 0");
        var suite = Suite("./run.sh");
        suite.Results.Add("reports/*.xml");

        Assert.Equal("no-proof", (await RunAsync(suite)).Verdict.Rule);
        Script("./run.sh", "echo '<testsuite tests=\"1\"><testcase name=\"a\"/></testsuite>' >reports/new.xml");
        Assert.Equal("tests-passed", (await RunAsync(suite)).Verdict.Rule);
        // Brought in by the run, and older than it.
        Script("./run.sh", "echo '<testsuite tests=\"1\"><testcase name=\"a\"/></testsuite>' >reports/new.xml; touch -d '1 hour ago' reports/new.xml");
        Assert.Equal("no-proof", (await RunAsync(suite)).Verdict.Rule);
    }

    [Fact]
    public async Task At_the_timeout_the_whole_tree_ends_also_what_left_the_group()
    {
        Script("./run.sh", "echo collected 1 item\ntrap '' TERM\nsetsid sh -c 'while :; do sleep 1; done; : \"$0\"' \"$PWD\" &\n(sleep 1000 &)\nwhile :; do sleep 1; done");
        var suite = Suite("./run.sh");
        suite.Timeout = TimeSpan.FromSeconds(5);
        suite.StopGrace = TimeSpan.FromMilliseconds(200);

        var run = await RunAsync(suite);

        Assert.Equal("hang", run.Verdict.Rule);
        Assert.Empty(Infrastructure.Command.LinesOfProcessesIn(_folder.Path));
    }

    [Fact]
    public async Task What_a_suite_leaves_behind_ends_with_it_and_holds_nothing_up()
    {
        Script("./run.sh", "setsid sh -c 'touch left; exec sleep 1000' &\nwhile [ ! -e left ]; do sleep 0.01; done\necho 3 passed in 0.10s");

        var run = await RunAsync(Suite("./run.sh"));

        Assert.Equal(RunClass.SuitePass, run.Verdict.Class);
        Assert.Empty(Infrastructure.Command.LinesOfProcessesIn(_folder.Path));
    }

    [Fact]
    public async Task A_cancelled_run_leaves_nothing()
    {
        Script("./run.sh", "touch begun; setsid sleep 1000 & sleep 1000");
        using var stop = new CancellationTokenSource();
        var run = new SuiteRunner(TimeProvider.System).RunAsync(Suite("./run.sh"), _folder.Path, Scratch, "1", "abc", stop.Token);
        await Eventually.IsTrueAsync(() => File.Exists(Path.Combine(_folder.Path, "begun")), "the suite has begun");

        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);
        Assert.Empty(Infrastructure.Command.LinesOfProcessesIn(_folder.Path));
    }

    [Fact]
    public async Task Output_of_any_length_keeps_its_beginning_and_its_end()
    {
        Script("./run.sh", "echo the beginning\nhead -c 30000000 /dev/zero | tr '\\0' 'x' | fold -w 100\necho\necho 1 failed, 2 passed in 0.10s\nexit 1");

        var run = await RunAsync(Suite("./run.sh"));

        Assert.Equal(RunClass.SuiteFail, run.Verdict.Class);
        Assert.Equal("the beginning", run.Text.Lines[0]);
    }

    [Theory]
    [InlineData("nosuch-program-here", "is not installed")]
    [InlineData("./nosuch.sh", "is not installed")]
    [InlineData("./plain.txt", "may not be executed")]
    public async Task A_program_that_cannot_start_is_named(string program, string told)
    {
        Write("plain.txt", "x");

        var run = await RunAsync(Suite(program));

        Assert.Equal((RunClass.PermanentEnv, "cannot-start", (int?)null), (run.Verdict.Class, run.Verdict.Rule, run.ExitCode));
        Assert.Contains(told, run.Verdict.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_missing_folder_is_not_taken_for_a_missing_program()
    {
        var run = await new SuiteRunner(TimeProvider.System).RunAsync(Suite("sh"), Path.Combine(_folder.Path, "nosuch"), Scratch, "1", "abc", CancellationToken.None);

        Assert.Contains("working folder", run.Verdict.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Addresses_are_read_after_a_pass()
    {
        Script("./run.sh", "echo 3 passed in 0.10s");
        await using var server = await StandInServer.StartAsync(_ => Task.FromResult(StandInAnswer.Empty(503)), TimeProvider.System, CancellationToken.None);
        var suite = Suite("./run.sh");
        suite.Smoke["health"] = new SmokeOptions { Url = new Uri(server.Url, "/health").ToString(), Status = 503 };

        Assert.Equal("tests-passed", (await RunAsync(suite)).Verdict.Rule);
        suite.Smoke["health"].Status = 200;
        Assert.Equal((RunClass.SuiteFail, "health answered 503 instead of 200"), (await RunAsync(suite)).Verdict is var wrong ? (wrong.Class, wrong.Reason) : default);
        suite.Smoke["health"].Url = "http://127.0.0.1:1/health"; // where nobody listens
        Assert.Equal((RunClass.TransientInfra, "smoke-unreachable"), (await RunAsync(suite)).Verdict is var away ? (away.Class, away.Rule) : default);
        Assert.Equal([("GET", "/health"), ("GET", "/health")], server.Taken);
    }

    [Fact]
    [Trait("Requirement", "RUN-4")]
    public async Task Only_a_suite_that_ran_leaves_a_verdict()
    {
        const string Sha = "0123456789abcdef0123456789abcdef01234567";
        Script("./run.sh", "echo 'result: FAIL'; echo '---'; echo 3 passed in 0.10s");
        var run = await new SuiteRunner(TimeProvider.System).RunAsync(Suite("./run.sh"), _folder.Path, Scratch, "42", Sha, CancellationToken.None);

        var path = VerdictArtifact.TestReport.Write(_folder.Path, run, DateTimeOffset.UnixEpoch);

        var lines = File.ReadAllLines(path!);
        Assert.Equal("13-test-report.md", Path.GetFileName(path));
        Assert.Equal(["---", "result: PASS", "run: \"42\"", $"commit: \"{Sha}\"", "class: suite-pass"], lines[..5]);
        Assert.Single(lines, line => line.StartsWith("result:", StringComparison.Ordinal));
        Assert.Contains("exit_code: 0", lines);
        Assert.Contains("    result: FAIL", lines);
        Assert.Equal(path, Assert.Single(Directory.GetFiles(_folder.Path, "13-*")));

        Assert.Contains("staging_status: FAILED", VerdictArtifact.StagingLog.Text(run with { Verdict = run.Verdict with { Class = RunClass.SuiteFail } }, DateTimeOffset.UnixEpoch), StringComparison.Ordinal);
        Assert.Contains("staging_status: SUCCESS", VerdictArtifact.StagingLog.Text(run, DateTimeOffset.UnixEpoch), StringComparison.Ordinal);

        Assert.Null(VerdictArtifact.TestReport.Write(_folder.Path, run with { Verdict = run.Verdict with { Class = RunClass.TransientInfra } }, DateTimeOffset.UnixEpoch));
        Assert.False(File.Exists(path));
    }

    private string Scratch => Path.Combine(_folder.Path, "scratch");

    private Task<SuiteRun> RunAsync(SuiteOptions suite) => new SuiteRunner(TimeProvider.System).RunAsync(suite, _folder.Path, Scratch, "1", "abc", CancellationToken.None);

    private async Task<string> ClassAsync(SuiteOptions suite) => RunClasses.NameOf((await RunAsync(suite)).Verdict.Class);

    private void Write(string name, string text) => File.WriteAllText(Path.Combine(_folder.Path, name), text);

    private void Script(string name, string text) => Infrastructure.Script.Write(Path.Combine(_folder.Path, name), "#!/bin/sh\n" + text + "\n");

    private static SuiteOptions Suite(string program, params string[] arguments)
    {
        var suite = new SuiteOptions { Program = program, Timeout = TimeSpan.FromMinutes(2) };
        foreach (var argument in arguments)
            suite.Arguments.Add(argument);
        return suite;
    }
}
