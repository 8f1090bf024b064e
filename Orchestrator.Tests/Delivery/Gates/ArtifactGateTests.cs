using Orchestrator.Persistence.Tasks;
using Orchestrator.Service.Delivery.Gates;
using Orchestrator.Service.Delivery.Stages;
using Orchestrator.Service.Finalize;

namespace Orchestrator.Tests.Delivery.Gates;

[Trait("Requirement", "FLOW-2")]
public sealed class ArtifactGateTests
{
    [Theory]
    [InlineData("result: PASS", GateAnswer.Passed)]
    [InlineData("---\nresult: PASS\nreason: \"all of 5\"\n---\n\n# Report\n\n    result: FAIL\n", GateAnswer.Passed)] // indented: the output of what ran
    [InlineData("# Report\n\n**Result:** pass\n", GateAnswer.Passed)]
    [InlineData("- result: `PASS`.\r\n", GateAnswer.Passed)]
    [InlineData("result: FAIL\n\n2 + 2 was 5", GateAnswer.Failed)]
    [InlineData("result: PASS\nresult: FAIL", GateAnswer.Failed)]
    [InlineData("result: MAYBE", GateAnswer.Failed)]
    [InlineData("Everything is fine; the result: PASS was seen by me.", GateAnswer.Failed)]
    [InlineData("```\nresult: PASS\n```", GateAnswer.Failed)]
    [InlineData("", GateAnswer.Failed)]
    public async Task A_verdict_is_one_line_of_its_own(string content, GateAnswer answer) =>
        Assert.Equal(answer, (await Tests.EvaluateAsync(Evidence("13-test-report.md", content, step: 7), CancellationToken.None)).Answer);

    [Fact]
    public async Task What_an_earlier_round_left_proves_nothing()
    {
        var verdict = await Tests.EvaluateAsync(Evidence("13-test-report.md", "result: PASS", step: 6), CancellationToken.None);

        Assert.Equal(GateAnswer.Failed, verdict.Answer);
        Assert.Contains("of an earlier round", verdict.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("# Analysis\n\nIt adds.\n", GateAnswer.Passed)]
    [InlineData("It adds.\n", GateAnswer.Failed)]
    [InlineData("# Analysis\n## Part\n", GateAnswer.Failed)]
    public async Task A_text_has_a_heading_and_something_below_it(string content, GateAnswer answer) =>
        Assert.Equal(answer, (await new ArtifactGate("check_analysis", "01-analysis.md").EvaluateAsync(Evidence("01-analysis.md", content, step: 7), CancellationToken.None)).Answer);

    private static VerdictGate Tests { get; } = new("check_tests_passed", "13-test-report.md", "result", "PASS", "FAIL");

    private static GateEvidence Evidence(string name, string content, long step) => new(
        new DeliveryTask { Step = 7, Stage = "testing" },
        new Stage("testing", new Worker.Reserved(ReservedJob.Deploy), [], [], new OnFailure.Hold(), null, TimeSpan.FromDays(1), true),
        new Dictionary<string, TaskArtifact> { [name] = new(name, step, "testing", content, DateTimeOffset.UnixEpoch) });
}
