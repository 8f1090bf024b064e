using Orchestrator.Tests.Infrastructure;

namespace Orchestrator.Tests.Local;

/// <summary>./test itself, around tests that pass, fail, crash or hang as asked.</summary>
public sealed class TestScriptTests(ScratchClone clone) : IClassFixture<ScratchClone>
{
    [Theory]
    [InlineData("", "", 0, "tests: 5 passed, 0 failed")]
    [InlineData("", "Passes", 0, "tests: 2 passed, 0 failed")]
    [InlineData("", "DisplayName=ScratchTests.Passes", 0, "tests: 1 passed, 0 failed")]
    [InlineData("fail", "", 1, "tests: 4 passed, 1 failed")]
    [InlineData("crash", "Crashes", 1, "tests: 0 passed, 1 failed")]
    [InlineData("", "No_such_name", 1, "tests: 0 passed, 1 failed")]
    public async Task The_last_line_counts_what_passed_and_failed(string scratch, string filter, int exitCode, string last)
    {
        var call = await RunAsync(scratch, filter);

        Assert.Equal(exitCode, call.ExitCode);
        Assert.Equal(last, Lines(call)[^1]);
    }

    [Fact]
    public async Task Sources_that_do_not_build_count_as_a_failure()
    {
        using var broken = new ScratchClone();
        broken.Write("Orchestrator.Tests/ScratchTests.cs", "nonsense");

        var call = await Command.RunAsync(broken.At("test"), []);

        Assert.Equal((1, "tests: 0 passed, 1 failed\n"), (call.ExitCode, call.Output));
        Assert.Contains("The build failed", call.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_failed_test_is_shown_with_its_message()
    {
        var call = await RunAsync("fail", "Fails");

        Assert.Contains("ScratchTests.Fails_on_request", call.Output, StringComparison.Ordinal);
        Assert.Contains("Assert.NotEqual() Failure", call.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Tests_left_out_are_counted_only_where_their_data_is_missing()
    {
        var without = await RunAsync("", "Passes");
        var shared = Directory.CreateDirectory(Path.Combine(clone.Root, "..", "shared", "data")).Parent!;
        var with = await RunAsync("", "Passes");
        shared.Delete(recursive: true);

        Assert.Equal("left out: 2 tests need ../shared", Lines(without)[^2]);
        Assert.DoesNotContain("left out", with.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("TERM", 143)]
    [InlineData("INT", 130)]
    [InlineData("KILL", 137)]
    public async Task Ended_while_a_test_runs_it_leaves_no_process(string signal, int exitCode)
    {
        var mark = clone.At(Shared.Unique("hanging"));
        using var call = Command.Start(clone.At("test"), ["Hangs"], folder: "/", Scratch(mark));
        await Eventually.IsAsync(() => Task.FromResult(File.Exists(mark)), there => there, "the test runs", seconds: 180); // set up, restored and built first

        await call.SignalAsync(signal);

        Assert.Equal(exitCode, (await call.EndAsync()).ExitCode);
        await Eventually.IsTrueAsync(() => Command.LinesOfProcessesIn(clone.Root).Count == 0, "no process is left");
    }

    private Task<CommandResult> RunAsync(string scratch, string filter) => Command.RunAsync(clone.At("test"), filter == "" ? [] : [filter], folder: "/", Scratch(scratch));

    private static Dictionary<string, string?> Scratch(string value) => new() { ["SCRATCH"] = value };

    private static string[] Lines(CommandResult call)
    {
        var lines = call.Output.TrimEnd('\n').Split('\n');
        Assert.True(lines.Length > 1, call.Errors);
        return lines;
    }
}
