using Orchestrator.Service.Delivery.Stages;

namespace Orchestrator.Tests.Delivery.Stages;

public sealed class PipelineFileTests
{
    private static readonly string[] Gates =
        ["check_analysis", "check_architecture", "check_branch_has_work", "check_review", "check_tests_passed", "check_staging_status", "check_branch_mergeable", "check_merged", "check_post_deploy"];

    [Fact]
    [Trait("Requirement", "FLOW-1")]
    public void The_pipeline_that_comes_with_the_service_has_the_stages_and_ways_back_that_are_asked_for()
    {
        var pipeline = PipelineFile.Read("pipeline.yaml", PipelineFile.Default(), Gates, out var errors);

        Assert.Empty(errors);
        Assert.Equal(["analysis", "architecture", "development", "review", "testing", "deploy-staging", "deploy", "post-deploy"], pipeline!.Stages.Select(stage => stage.Name));
        Assert.Equal(["review", "testing", "deploy-staging", "deploy"],
            pipeline.Stages.Where(stage => stage.OnFailure is OnFailure.BackTo { Stage: "development" } && stage.Name != "development").Select(stage => stage.Name));
        Assert.Equal(3, pipeline.Retries);
        Assert.Null(pipeline.After(pipeline["post-deploy"]));
        Assert.Equal(new Worker.Runner(RunnerKind.Tests, new Worker.Agent("agent", "testing.md")), pipeline["testing"].Worker);
    }

    [Theory]
    [InlineData("stages:\n  - {name: a, agnet: x, prompt: p.md, gates: [check_merged], on-failure: a}", "p.yaml:2: 'agnet' is not a key of a stage. Did you mean 'agent'?")]
    [InlineData("stages:\n  - {name: a, job: deploi, on-failure: hold}", "p.yaml:2: job: 'deploi' is not a job. Did you mean 'deploy'? Known: deploy, post-deploy.")]
    [InlineData("stages:\n  - name: a\n    job: deploy\n    gates: [check_mergd]\n    on-failure: hold", "p.yaml:4: gates: 'check_mergd' is not a gate. Did you mean 'check_merged'?")]
    [InlineData("stages:\n  - {name: a, job: deploy, on-failure: b}", "p.yaml:2: on-failure of 'a': 'b' is not a stage of this pipeline, nor hold.")]
    [InlineData("stages:\n  - {name: a, job: deploy, on-failure: b}\n  - {name: b, job: deploy, on-failure: hold}", "p.yaml:2: on-failure of 'a': 'b' comes later.")]
    [InlineData("stages:\n  - {name: a, job: deploy, on-failure: hold}\n  - {name: a, job: deploy, on-failure: hold}", "p.yaml:3: the stage 'a' is there twice.")]
    [InlineData("stages:\n  - {name: a, agent: x, prompt: p.md, on-failure: a}", "p.yaml:2: gates: must name at least one")]
    [InlineData("stages:\n  - {name: a, agent: x, gates: [check_merged], on-failure: a}", "p.yaml:2: prompt: an agent needs the name of a template")]
    [InlineData("stages:\n  - {name: a, job: deploy}", "p.yaml:2: on-failure: must name the stage that begins anew, or hold.")]
    [InlineData("stages:\n  - {name: a, on-failure: hold}", "p.yaml:2: a stage must say who works on it: agent, runner or job.")]
    [InlineData("stages:\n  - {name: a, job: deploy, runner: tests, on-failure: hold}", "p.yaml:2: a stage is done by a runner or by a job, not by both.")]
    [InlineData("stages:\n  - {name: a, agent: x, prompt: p.md, enter: check_merged, gates: check_merged, on-failure: a}", "p.yaml:2: enter: an agent asks no gates before it begins.")]
    [InlineData("stages:\n  - {name: a, job: deploy, on-failure: hold, time-limit: 5}", "p.yaml:2: time-limit: must be a number with s, m, h or d")]
    [InlineData("retries: -1\nstages:\n  - {name: a, job: deploy, on-failure: hold}", "p.yaml:1: retries: must be 0 to 100.")]
    [InlineData("stages: []", "p.yaml:1: stages: must list at least one stage.")]
    [InlineData("stages:\n  - [", "p.yaml:3: it is no YAML")]
    [InlineData("", "p.yaml:1: must be one mapping")]
    [InlineData("stages:\n  - {name: 'a b', job: deploy, on-failure: hold, serial: maybe}", "p.yaml:2: name: must be 1 to 60 letters")]
    [Trait("Requirement", "FLOW-1")]
    public void What_is_wrong_is_told_with_line_rule_and_remedy(string text, string error)
    {
        Assert.Null(PipelineFile.Read("p.yaml", text, Gates, out var errors));

        Assert.StartsWith(error, errors[0], StringComparison.Ordinal);
    }

    [Fact]
    public void All_errors_are_told_at_once()
    {
        Assert.Null(PipelineFile.Read("p.yaml", "retries: many\nstages:\n  - {name: a, job: nothing, on-failure: hold}\n  - {name: b, runner: tests, gates: [x], serial: no, on-failure: z}\n", Gates, out var errors));

        Assert.Equal(4, errors.Count);
    }
}
