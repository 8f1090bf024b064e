using System.Net;
using System.Text;
using System.Text.Json;
using Orchestrator.Service.Delivery.Webhooks;
using Orchestrator.Service.Remote;
using Orchestrator.Tests.Infrastructure;

namespace Orchestrator.Tests.Delivery.Webhooks;

/// <summary>The collected deliveries, each as its table says: signature, kind, and what it means.</summary>
[Trait("Requirement", "FLOW-4")]
public sealed class GivenDeliveriesTests
{
    private static readonly GiteaWebhookOptions Gitea = new();
    private static readonly PlaneWebhookOptions Plane = new() { Bot = "5e0a7d1c-90b4-4f6f-8a55-2f4d6c1a9e77" };

    private static readonly Dictionary<string, string> Expected = new()
    {
        ["01_push_verbatim.json"] = nameof(BranchPushed),
        ["02_pull_request_opened_verbatim.json"] = nameof(PullRequestOpened),
        ["03_pull_request_synchronized_verbatim.json"] = nameof(PullRequestSynchronized),
        ["04_pull_request_merged_verbatim.json"] = nameof(PullRequestMerged),
        ["05_pull_request_closed_unmerged_verbatim.json"] = nameof(PullRequestClosedUnmerged),
        ["06_review_approved_verbatim.json"] = nameof(ReviewApproved),
        ["07_pr_comment_created_verbatim.json"] = nameof(PullRequestCommented),
        ["08_review_rejected.json"] = nameof(ReviewRejected),
        ["09_review_comment.json"] = nameof(WhyNothing.MovesNothing),
        ["10_status_success.json"] = nameof(StatusChanged),
        ["11_status_failure.json"] = nameof(StatusChanged),
        ["12_push_branch_deleted.json"] = nameof(WhyNothing.MovesNothing),
        ["13_push_new_branch.json"] = nameof(BranchPushed),
        ["01_issue_created.json"] = nameof(WorkItemCreated),
        ["02_issue_state_updated_from_ui.json"] = nameof(WorkItemStateChanged),
        ["03_issue_state_updated_from_api.json"] = nameof(WhyNothing.Own),
        ["04_issue_labels_updated_from_ui.json"] = nameof(WorkItemLabelsChanged),
        ["05_issue_priority_updated.json"] = nameof(WhyNothing.MovesNothing),
        ["06_issue_comment_created.json"] = nameof(WorkItemCommented),
        ["07_issue_comment_created_by_bot.json"] = nameof(WhyNothing.Own),
        ["08_issue_comment_updated.json"] = nameof(WhyNothing.MovesNothing),
        ["09_project_deleted.json"] = nameof(ProjectDeleted),
        ["10_issue_stale_data.json"] = nameof(WorkItemStateChanged),
    };

    [SharedDataFact]
    [Trait("Requirement", "SEC-4")]
    public void All_are_signed_as_their_table_says_and_no_altered_one_is()
    {
        foreach (var (body, signature, secret) in All())
        {
            Assert.True(Signature.Holds(secret, body, Signature.Parse(signature)!));
            Assert.False(Signature.Holds(secret, body.AsSpan(0, body.Length - 1), Signature.Parse(signature)!));
            Assert.False(Signature.Holds(secret, JsonSerializer.SerializeToUtf8Bytes(JsonDocument.Parse(body).RootElement), Signature.Parse(signature)!));
            Assert.False(Signature.Holds(secret, Encoding.UTF8.GetBytes(WebUtility.UrlEncode(Encoding.UTF8.GetString(body))), Signature.Parse(signature)!));
        }
    }

    [SharedDataFact]
    public void All_mean_what_their_table_says_in_any_order_and_as_often_as_they_come()
    {
        var rows = Rows("gitea").Select(row => (Row: row, Body: Bytes("gitea", row[0]))).ToList();
        Assert.Equal(13, rows.Count);
        foreach (var (row, body) in rows.Concat(rows.AsEnumerable().Reverse()))
        {
            var read = GiteaReading.Read(row[2], row[1], body, Gitea);
            Assert.Equal((row[0], Expected[row[0]]), (row[0], Meaning(read)));
            Assert.Equal(read, GiteaReading.Read(row[2], row[1], body, Gitea), NewsComparer.Instance);
            // What another server writes with other spaces means the same.
            Assert.Equal(Expected[row[0]], Meaning(GiteaReading.Read(row[2], row[1], JsonSerializer.SerializeToUtf8Bytes(JsonDocument.Parse(body).RootElement), Gitea)));
        }

        var items = Rows("plane").Select(row => (Row: row, Body: Bytes("plane", row[0]))).ToList();
        Assert.Equal(10, items.Count);
        foreach (var (row, body) in items.Concat(items.AsEnumerable().Reverse()))
            Assert.Equal((row[0], Expected[row[0]]), (row[0], Meaning(PlaneReading.Read(body, Plane))));
    }

    [SharedDataFact]
    public void Each_has_a_key_of_its_own_and_no_fact_holds_the_secret_that_old_servers_sent()
    {
        var news = Rows("gitea").Select(row => GiteaReading.Read(row[2], row[1], Bytes("gitea", row[0]), Gitea))
            .Concat(Rows("plane").Select(row => PlaneReading.Read(Bytes("plane", row[0]), Plane))).OfType<Reading.News>().ToList();

        Assert.Equal(news.Count, news.Select(n => n.Key).Distinct().Count());
        Assert.All(news, n => Assert.DoesNotContain("12345", new Orchestrator.Service.Delivery.Webhooks.Delivery(DeliverySource.Gitea, null, n.Kind, default, n.Facts).ToJob("deliveries", n.Key).Payload, StringComparison.Ordinal));
    }

    [SharedDataFact]
    public void None_can_be_cut_anywhere_and_still_mean_something()
    {
        foreach (var row in Rows("gitea"))
        {
            var body = Bytes("gitea", row[0]);
            var end = Array.LastIndexOf(body, (byte)'}');
            for (var length = 0; length < end; length += 7)
                Assert.IsType<Reading.Broken>(GiteaReading.Read(row[2], row[1], body.AsMemory(0, length), Gitea));
        }
    }

    private static IEnumerable<(byte[] Body, string Signature, byte[] Secret)> All() =>
        Rows("gitea").Select(row => (Bytes("gitea", row[0]), row[5], "gitea-test-secret"u8.ToArray()))
            .Concat(Rows("plane").Select(row => (Bytes("plane", row[0]), row[5], "plane_wh_0123456789abcdef0123456789abcdef"u8.ToArray())));

    private static string Meaning(Reading read) => read switch { Reading.News { Facts: [var fact] } => fact.GetType().Name, Reading.Nothing nothing => nothing.Why.ToString(), _ => read.ToString() };

    private static List<string[]> Rows(string sender) => [.. File.ReadAllLines(Path.Combine(SharedData.Root!, "webhooks", sender, "index.tsv")).Skip(1).Where(line => line.Length > 0).Select(line => line.Split('\t'))];

    private static byte[] Bytes(string sender, string file) => File.ReadAllBytes(Path.Combine(SharedData.Root!, "webhooks", sender, file));
}
