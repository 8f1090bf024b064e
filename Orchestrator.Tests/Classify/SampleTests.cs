using System.Text;
using Orchestrator.Service.Classify;

namespace Orchestrator.Tests.Classify;

[Trait("Requirement", "RES-2")]
public sealed class SampleTests
{
    public static TheoryData<string> Agents => [.. Sample.OfAgents.Select(s => s.Name)];

    public static TheoryData<string> Programs => [.. Sample.OfPrograms.Select(s => s.Name)];

    public static TheoryData<string> Sceptics => [.. Sample.OfSceptics.Select(s => s.Name)];

    [Theory]
    [MemberData(nameof(Agents))]
    public void An_agents_end_is_told(string name) => AssertTold(Sample.OfAgents, name);

    [Theory]
    [MemberData(nameof(Programs))]
    public void A_programs_end_is_told(string name) => AssertTold(Sample.OfPrograms, name);

    [Theory]
    [MemberData(nameof(Sceptics))]
    public void A_trap_is_seen(string name) => AssertTold(Sample.OfSceptics, name);

    private static void AssertTold(IReadOnlyList<Sample> samples, string name)
    {
        var sample = samples.Single(s => s.Name == name);
        var found = Classifier.Classify(sample.Exit, Encoding.UTF8.GetBytes(sample.Log), Sample.Now);
        var told = LabelRow.ClassName(found) + (found.Scope is null ? "" : "/" + LabelRow.ScopeName(found)) + (found.RetryAfter is { } wait ? $" {wait.TotalSeconds}" : "");
        Assert.True(sample.Expected == told, $"{name}: expected {sample.Expected}, told {told} by {found.Rule} from: {found.Evidence}");
    }
}
