using Orchestrator.Service.Nodes;
using Orchestrator.Tests.Infrastructure;

namespace Orchestrator.Tests.Engine.Guards;

[Trait("Requirement", "OWN-6")]
public sealed class ProcessIdentityTests
{
    private static readonly long OwnStart = ProcessIdentity.StartOf(Environment.ProcessId)!.Value;

    [Fact]
    public void A_live_process_with_its_own_start_time_is_there() =>
        Assert.False(ProcessIdentity.IsGone(Environment.ProcessId, OwnStart));

    [Fact]
    public void A_live_process_that_has_the_number_of_an_earlier_one_is_not_that_one() =>
        Assert.True(ProcessIdentity.IsGone(Environment.ProcessId, OwnStart - 1));

    [Fact]
    public void Without_a_start_time_nothing_can_be_told() =>
        Assert.False(ProcessIdentity.IsGone(int.MaxValue, start: null));

    [Fact]
    public async Task A_process_that_has_ended_is_gone_also_before_its_parent_has_noticed()
    {
        using var process = Command.Start("sh", ["-c", "exec sleep 60"]);
        var start = ProcessIdentity.StartOf(process.Pid);
        Assert.NotNull(start);

        await process.SignalAsync("KILL");

        await Eventually.IsTrueAsync(() => ProcessIdentity.IsGone(process.Pid, start), "it is gone");
    }

    [Fact]
    public async Task A_name_with_spaces_and_parentheses_does_not_shift_the_fields()
    {
        using var folder = new TemporaryFolder();
        var program = Path.Combine(folder.Path, "a) R 1 (b");
        File.CreateSymbolicLink(program, "/bin/sleep");
        using var process = Command.Start(program, ["60"]);

        await Eventually.IsTrueAsync(() => File.ReadAllText($"/proc/{process.Pid}/stat").Contains("(a) R 1 (b)", StringComparison.Ordinal), "it has its name");

        Assert.True(ProcessIdentity.StartOf(process.Pid) >= OwnStart);
    }
}
