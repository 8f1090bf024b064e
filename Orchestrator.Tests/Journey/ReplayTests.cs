using Orchestrator.Local;
using Orchestrator.Local.Replay;
using Orchestrator.Tests.Infrastructure;

namespace Orchestrator.Tests.Journey;

/// <summary>The acceptance test: the incident is brought about again, on real parts, and every condition holds.</summary>
public sealed class ReplayTests
{
    [Fact]
    [Trait("Requirement", "PROT-1")]
    [Trait("Requirement", "PROT-3")]
    [Trait("Requirement", "PROT-8")]
    public Task Twenty_two_invoices_wait_for_three_permits_longer_than_their_visibility_and_none_is_lost() =>
        Journey.ReplayAsync(Path.Combine(Repository.Root, "samples", "22-invoices.pdf"));
}

/// <summary>The same with the papers of the incident; a class of its own runs beside the other.</summary>
public sealed class IncidentReplayTests
{
    [SharedDataFact]
    [Trait("Requirement", "PROT-8")]
    public Task The_file_of_the_incident_is_read_to_its_end_with_three_permits() =>
        Journey.ReplayAsync(Path.Combine(SharedData.Root!, "invoices", "merged", "incident-22-invoices.pdf"));
}

internal static class Journey
{
    /// <summary>Eight waves of about 3.5 s against 8 s; the node has received all of them before the first wave is over.</summary>
    public static ReplayPace Pace { get; } = new(TimeSpan.FromSeconds(8), TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(4), TimeSpan.FromMinutes(2));

    public static async Task ReplayAsync(string pdf)
    {
        await using var phase = await ReplayPhase.StartAsync(await Shared.Environment, 3, Pace, CancellationToken.None);
        await phase.DropAsync(pdf, CancellationToken.None);
        var run = await phase.FollowAsync(_ => { }, CancellationToken.None);

        var conditions = ReplayConditions.Judge(run, InvoiceMap.Beside(pdf), await InvoiceMap.ExtractedAsync(pdf, CancellationToken.None));

        Assert.All(conditions, condition => Assert.True(condition.Verdict == Verdict.Holds, $"{condition}\n{phase.Node.LogTail()}"));
        Assert.Equal(9, conditions.Count);
    }
}
