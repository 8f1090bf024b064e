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
}
