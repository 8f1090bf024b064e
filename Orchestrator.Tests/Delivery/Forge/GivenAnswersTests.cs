using Orchestrator.Local.StandIns;
using Orchestrator.Service.Delivery.Forge;
using Orchestrator.Tests.Infrastructure;

namespace Orchestrator.Tests.Delivery.Forge;

/// <summary>The collected answers of a real server, read by the client.</summary>
[Trait("Requirement", "MRG-2")]
public sealed class GivenAnswersTests
{
    [SharedDataFact]
    public async Task Each_is_read()
    {
        await using var gitea = await GiteaStandIn.StartAsync(TimeProvider.System);
        var forge = Servers.ClientOf(gitea);
        gitea.Fail("GET", "/pulls/1/reviews", new StandInFault.Answer(200, $"[{Body("review.json")}]"), times: 2);
        gitea.Fail("GET", "/pulls/1", new StandInFault.Answer(200, Body("pr.json")));
        gitea.Fail("GET", "/status", new StandInFault.Answer(200, $$"""{"state":"success","total_count":1,"statuses":{{Body("statuses.json")}}}"""));
        gitea.Fail("GET", "/branches/", new StandInFault.Answer(200, Body("branch.json")));

        var pull = (await forge.FindAsync("jcitizen/my-repo", 1, CancellationToken.None))!;
        var review = Assert.Single(await forge.ReviewsAsync("jcitizen/my-repo", 1, CancellationToken.None));
        var status = await forge.StatusAsync("jcitizen/my-repo", pull.Head, CancellationToken.None);
        var branch = (await forge.BranchAsync("jcitizen/my-repo", "master", CancellationToken.None))!;

        Assert.Equal((1, PullRequestState.Open, "jcitizen", "feature", "jcitizen/my-repo", "master", true), (pull.Number, pull.State, pull.Author, pull.Branch, pull.HeadRepository, pull.Base, pull.Mergeable));
        Assert.Equal(new Review(1, "jcitizen", ReviewState.NoVerdict, "5c23b301e7eb47aa83de90cf08e0a75b4c0906c8", false, false, true, "This is a review"), review);
        Assert.Equal(new CommitStatus("continuous-integration/drone", StatusState.Success, "", new Uri("https://example.com")), Assert.Single(status.Statuses));
        Assert.Equal(new Branch("master", "f05f642b892d59a0a9ef6a31f6c905a24b5db13a", false), branch);

        static string Body(string file) => File.ReadAllText(Path.Combine(SharedData.Root!, "api", "gitea", file));
    }
}
