using System.Globalization;
using Orchestrator.Local.Storm;
using Orchestrator.Tests.Infrastructure;
using Xunit.Abstractions;

namespace Orchestrator.Tests.Chaos;

/// <summary>Nodes of the delivery pipeline are killed again and again: every task is delivered, and its change is in its main exactly once.</summary>
[Trait("Requirement", "MRG-1")]
[Trait("Requirement", "MRG-2")]
[Trait("Requirement", "FLOW-2")]
[Trait("Requirement", "FLOW-3")]
[Trait("Requirement", "FLOW-5")]
[Trait("Requirement", "GATE-1")]
public sealed class DeliveryStormTests(ITestOutputHelper output)
{
    [Fact]
    public Task Every_task_is_delivered_once_whoever_is_killed() => RunAsync(tasks: 12, repositories: 4, TimeSpan.FromMinutes(6));

    [SoakFact]
    public Task Two_hundred_tasks_are_delivered_once_whoever_is_killed() => RunAsync(tasks: 200, repositories: 20, TimeSpan.FromMinutes(40));

    private async Task RunAsync(int tasks, int repositories, TimeSpan limit)
    {
        var began = TimeProvider.System.GetTimestamp();
        Say($"CHAOS_SEED={Chance.Seed}");
        using var folder = new TemporaryFolder();
        await using var yard = await DeliveryYard.SetAsync(Path.Combine(folder.Path, "yard"), repositories);
        StormReport report;
        await using (var storm = await DeliveryStorm.SetAsync(yard, Path.Combine(folder.Path, "nodes"), await Shared.Environment, Shared.Unique("storm"), Say))
        {
            report = await storm.RunAsync(tasks, Chance.Seed, limit);
            Say(string.Create(CultureInfo.InvariantCulture, $"{tasks} tasks in {report.Took.TotalSeconds:0} s, {report.Kills} kills of nodes, {report.Gits} of git"));
            if (report.Wrong.Count > 0)
                Say(storm.Logs("fail:"));
        }

        Assert.True(report.Wrong.Count == 0, string.Join('\n', report.Wrong));
        Assert.True(report.Kills > 0, "Nobody was killed.");
        await Eventually.IsTrueAsync(() => Command.LinesOfProcessesIn(yard.Folder).Count == 0, "no agent is left");

        void Say(string what) => output.WriteLine($"{TimeProvider.System.GetElapsedTime(began).TotalSeconds,6:0.0} s  {what}");
    }
}
