using Orchestrator.Service.Delivery.Runners;
using Orchestrator.Tests.Infrastructure;

namespace Orchestrator.Tests.Delivery.Runners;

/// <summary>Commands on another host, over a real ssh to this one.</summary>
[Trait("Requirement", "RUN-2")]
public sealed class SshChannelTests(SshServer server) : IClassFixture<SshServer>, IDisposable
{
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(1);
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(255)]
    public async Task The_commands_own_exit_code_comes_back(int code)
    {
        Script($"printf 'last words without a break'\nexit {code}");

        var result = await RunAsync(Options(), "./run.sh");

        Assert.Equal((code, ChannelEnd.Sound, false), (result.RemoteExit, result.Channel, result.TimedOut));
        Assert.Equal(["last words without a break"], result.ToEvidence().Text.Lines);
    }

    [Fact]
    public async Task Arguments_arrive_as_they_are()
    {
        Script("for a; do echo \"<$a>\"; done");

        var result = await RunAsync(Options(), "./run.sh", "", "two words", "--x=1,2", "user@host:/a/b%c");

        Assert.Equal(["<>", "<two words>", "<--x=1,2>", "<user@host:/a/b%c>"], result.ToEvidence().Text.Lines);
    }

    [Theory]
    [InlineData("$(touch x)")]
    [InlineData("a'b")]
    [InlineData("a;b")]
    [InlineData("a\nb")]
    [InlineData("`x`")]
    [InlineData("~")]
    [InlineData("*")]
    public async Task What_a_shell_could_read_is_refused(string argument) =>
        await Assert.ThrowsAsync<ArgumentException>(() => RunAsync(Options(), "echo", argument));

    [Fact]
    [Trait("Requirement", "RUN-3")]
    public async Task A_suite_there_is_judged_by_its_summary()
    {
        Script("echo \"SUMMARY total=2 passed=$2 failed=$3 nonce=$1\"\nexit $4");

        Assert.Equal("tests-passed", (await SuiteAsync("./run.sh", "{nonce}", "2", "0", "0")).Rule);
        Assert.Equal("tests-failed", (await SuiteAsync("./run.sh", "{nonce}", "1", "1", "255")).Rule);
        Assert.Equal("summary-missing", (await SuiteAsync("./run.sh", "{run}", "2", "0", "0", "{nonce}")).Rule);
        Assert.Equal((RunClass.PermanentEnv, "no-program"), await SuiteAsync("nosuch-program-here") is var missing ? (missing.Class, missing.Rule) : default);
    }

    [Fact]
    public async Task A_cut_connection_is_told_from_a_failed_command_and_ends_what_ran_there()
    {
        await using var proxy = new TcpProxy(server.Port);
        Script("echo CHECK /health ... FAIL\ntouch begun\nsetsid sleep 1000 &\nsleep 1000");
        var run = RunAsync(Options(o => o.Port = proxy.Port), "./run.sh");
        await Eventually.IsTrueAsync(() => File.Exists(Path.Combine(_folder.Path, "begun")), "the command has begun");

        proxy.Cut(() => true);

        var result = await run;
        Assert.Equal((null, ChannelEnd.Broken), (result.RemoteExit, result.Channel));
        Assert.Equal(RunClass.TransientInfra, RunDecision.Decide(result.ToEvidence()).Class);
        await Eventually.IsTrueAsync(() => Infrastructure.Command.LinesOfProcessesIn(_folder.Path).Count == 0, "nothing of it runs there");
    }

    [Fact]
    public async Task A_cancelled_run_ends_what_ran_there()
    {
        Script("touch begun\nsetsid sleep 1000 &\nsleep 1000");
        using var stop = new CancellationTokenSource();
        var run = new SshChannel(Options(), TimeProvider.System).RunAsync(["./run.sh"], Long, stop.Token);
        await Eventually.IsTrueAsync(() => File.Exists(Path.Combine(_folder.Path, "begun")), "the command has begun");

        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);
        await Eventually.IsTrueAsync(() => Infrastructure.Command.LinesOfProcessesIn(_folder.Path).Count == 0, "nothing of it runs there");
    }

    [Fact]
    public async Task At_the_timeout_the_whole_tree_there_ends()
    {
        Script("echo collected 1 item\nsetsid sleep 1000 &\nsleep 1000");

        var result = await new SshChannel(Options(), TimeProvider.System).RunAsync(["./run.sh"], TimeSpan.FromSeconds(5), CancellationToken.None);

        Assert.Equal((124, true, "hang"), (result.RemoteExit, result.TimedOut, RunDecision.Decide(result.ToEvidence()).Rule));
        await Eventually.IsTrueAsync(() => Infrastructure.Command.LinesOfProcessesIn(_folder.Path).Count == 0, "nothing of it runs there");
    }

    [Theory]
    [InlineData("port", "transient-infra", "ssh-channel")]
    [InlineData("name", "transient-infra", "ssh-channel")]
    [InlineData("key", "permanent-env", "ssh-refused-us")]
    [InlineData("host", "permanent-env", "ssh-refused-us")]
    [InlineData("unknown", "permanent-env", "ssh-refused-us")]
    [InlineData("folder", "permanent-env", "no-file")]
    public async Task A_channel_that_does_not_come_to_be_says_why(string fault, string expected, string rule)
    {
        var result = await RunAsync(Broken(fault), "true");

        var found = RunDecision.Decide(result.ToEvidence());
        Assert.Equal((expected, rule), (RunClasses.NameOf(found.Class), found.Rule));
    }

    [Theory]
    [Trait("Requirement", "RUN-5")]
    [InlineData("none", null)]
    [InlineData("port", "transient-infra, ssh-channel")]
    [InlineData("key", "permanent-env, ssh-refused-us")]
    public async Task The_preflight_goes_the_way_of_the_suites(string fault, string? error)
    {
        var preflight = new SshPreflight(Broken(fault), TimeProvider.System);

        var before = preflight.Current(); // at once, with nothing known yet
        var after = await preflight.FreshAsync(CancellationToken.None);

        Assert.Equal((null, null, null), (before.Ok, before.CheckedAt, before.Error));
        Assert.Equal((error is null, true), (after.Ok, after.CheckedAt is not null));
        Assert.StartsWith(error ?? "", after.Error ?? "", StringComparison.Ordinal);
        Assert.Same(after, preflight.Current());
        Assert.Same(after, await preflight.FreshAsync(CancellationToken.None)); // not looked at again in its interval
    }

    private SshOptions Broken(string fault) => Options(o =>
    {
        switch (fault)
        {
            case "port":
                o.Port = 1; // where nobody listens
                break;
            case "name":
                o.Host = "nosuchhost.invalid";
                break;
            case "key":
                o.Identity = server.StrangeKey;
                break;
            case "host":
                o.KnownHosts = server.OtherHosts;
                break;
            case "unknown":
                o.KnownHosts = Path.Combine(_folder.Path, "nosuch");
                break;
            case "folder":
                o.Folder = Path.Combine(_folder.Path, "nosuch");
                break;
            default:
                break;
        }
    });

    private SshOptions Options(Action<SshOptions>? change = null)
    {
        var options = new SshOptions { Host = "127.0.0.1", Port = server.Port, User = Environment.UserName, Identity = server.Key, KnownHosts = server.KnownHosts, Folder = _folder.Path };
        change?.Invoke(options);
        Assert.Empty(options.Check("Ssh"));
        return options;
    }

    private static Task<ChannelResult> RunAsync(SshOptions options, params string[] command) => new SshChannel(options, TimeProvider.System).RunAsync(command, Long, CancellationToken.None);

    private async Task<RunVerdict> SuiteAsync(string program, params string[] arguments)
    {
        var suite = new SuiteOptions { Program = program, Ssh = Options() };
        foreach (var argument in arguments)
            suite.Arguments.Add(argument);
        return (await new SuiteRunner(TimeProvider.System).RunAsync(suite, "/", "/nowhere", "run1", "abc", CancellationToken.None)).Verdict;
    }

    private void Script(string text) => Infrastructure.Script.Write(Path.Combine(_folder.Path, "run.sh"), "#!/bin/sh\n" + text + "\n");
}
