using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orchestrator.Service.Delivery.Git;
using Orchestrator.Service.Hosting;
using Orchestrator.Tests.Infrastructure;
using static Orchestrator.Tests.Delivery.TaskScene;

namespace Orchestrator.Tests.Delivery.Gates;

[Trait("Requirement", "OPS-5")]
public sealed class GateSwitchTests : IDisposable
{
    private readonly TaskScene _scene = new()
    {
        Pipeline = "stages:\n  - {name: only, agent: agent, prompt: testing.md, gates: [check_tests_passed, check_review], on-failure: hold}\n",
        Script = "echo 'verdict: APPROVED' > .task/12-review.md", // and no report of tests
    };

    [Fact]
    public async Task A_gate_that_is_switched_off_passes_and_says_so_and_the_others_are_asked()
    {
        await using var node = await _scene.StartAsync(("Delivery:Gates:check_tests_passed:Enabled", "false"), ("Delivery:Gates:check_review:Enabled", "true"));
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = node.Url };

        var id = await OpenAsync(node);
        await BecomesAsync(node, id, "Done");

        var answers = (await http.GetFromJsonAsync<JsonElement>($"/tasks/{id}/gates")).EnumerateArray().Select(answer => (answer.GetProperty("gate").GetString(), answer.GetProperty("answer").GetString(), answer.GetProperty("reason").GetString()!)).ToList();
        Assert.Equal([("check_tests_passed", "Passed"), ("check_review", "Passed")], answers.Select(answer => (answer.Item1, answer.Item2)));
        Assert.Equal("Switched off by Orchestrator:Delivery:Gates:check_tests_passed:Enabled; nothing was looked at.", answers[0].Item3);
        Assert.DoesNotContain("Switched off", answers[1].Item3, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_gate_that_is_on_decides()
    {
        await using var node = await _scene.StartAsync(("Delivery:Gates:check_review:Enabled", "false"));

        Assert.Contains("check_tests_passed", (await BecomesAsync(node, await OpenAsync(node), "Held")).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_name_that_no_gate_has_is_told_at_the_start()
    {
        var broken = await Assert.ThrowsAsync<BrokenSettingsException>(() => _scene.StartAsync(("Delivery:Gates:check_tests_pased:Enabled", "false"), ("Delivery:Gates:check_reviews:Enabled", "false")));

        Assert.Equal(2, broken.Errors.Count);
        Assert.Contains(broken.Errors, error => error.StartsWith("Orchestrator:Delivery:Gates:check_tests_pased must name a gate", StringComparison.Ordinal) && error.EndsWith("Did you mean check_tests_passed?", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("true")]
    [InlineData("false")]
    public async Task Who_removes_worktrees_has_a_switch(string enabled)
    {
        await using var node = await _scene.StartAsync(("Delivery:WorktreeKeeperEnabled", enabled));

        Assert.Equal(enabled == "true", node.Services.GetServices<IHostedService>().OfType<WorktreeKeeper>().Any());
    }

    public void Dispose() => _scene.Dispose();
}
