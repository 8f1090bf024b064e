using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Orchestrator.Tests.Delivery.Webhooks;

/// <summary>Deliveries of our own making, as small as the readers allow, written as the senders write them.</summary>
internal static class Payloads
{
    public const string Head = "1111111111111111111111111111111111111111";
    public const string Other = "2222222222222222222222222222222222222222";
    public const string None = "0000000000000000000000000000000000000000";
    public static readonly Guid Project = Guid.Parse("0b7f0f62-6a0e-4d0e-9f3a-0d8f6f0f5a01");
    public static readonly Guid Item = Guid.Parse("5d1a3f0c-2e0b-4f4e-8b6f-7c0e3f1d2a02");
    public static readonly Guid Todo = Guid.Parse("7e6f1b7a-93d1-4c57-a6c8-6f0b1e2d3c03");
    public static readonly Guid Doing = Guid.Parse("9c8b7a6f-5e4d-4c3b-8a2f-1e0d9c8b7a04");
    public static readonly Guid Person = Guid.Parse("ab12cd34-ef56-4078-9a9b-0c1d2e3f4a05");
    public static readonly Guid Bot = Guid.Parse("bb22cc33-dd44-4e55-8f66-7a8b9c0d1e06");

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    public static byte[] Push(string before = Other, string after = Head, string reference = "refs/heads/feature/T-1", string sender = "ada") => Gitea(new JsonObject
    {
        ["ref"] = reference, ["before"] = before, ["after"] = after, ["commits"] = new JsonArray(), ["pusher"] = User(sender),
    }, sender);

    public static byte[] PullRequest(string action, bool merged = false, string head = Head, string sender = "ada") => Gitea(new JsonObject
    {
        ["action"] = action, ["number"] = 7, ["pull_request"] = Pull(merged, head),
    }, sender);

    public static byte[] Review(string type, string sender = "ada") => Gitea(new JsonObject
    {
        ["action"] = "reviewed", ["number"] = 7, ["pull_request"] = Pull(false, Head), ["review"] = new JsonObject { ["type"] = type, ["content"] = "as it is" },
    }, sender);

    public static byte[] Comment(string action = "created", long id = 45, string text = "/retry", string sender = "ada", bool onPull = true) => Gitea(new JsonObject
    {
        ["action"] = action, ["is_pull"] = onPull,
        ["issue"] = new JsonObject { ["number"] = 7 },
        ["comment"] = new JsonObject { ["id"] = id, ["body"] = text, ["user"] = User(sender) },
    }, sender);

    public static byte[] Status(string state, string context = "ci/test", string sender = "ada") => Gitea(new JsonObject
    {
        ["id"] = 118, ["sha"] = Head, ["context"] = context, ["state"] = state, ["created_at"] = "2026-06-07T16:11:15Z",
    }, sender);

    public static byte[] ItemChanged(string field, object? value, Guid? actor = null, string updated = "2026-06-07T16:14:45.123456Z", Guid? state = null, object? old = null) => Plane("issue", "updated", new JsonObject
    {
        ["id"] = Item, ["project"] = Project, ["updated_at"] = updated, ["name"] = "Zähler", ["sequence_id"] = 12, ["state"] = new JsonObject { ["id"] = state ?? Doing },
    }, new JsonObject { ["field"] = field, ["new_value"] = JsonSerializer.SerializeToNode(value), ["old_value"] = JsonSerializer.SerializeToNode(old), ["actor"] = new JsonObject { ["id"] = actor ?? Person } });

    public static byte[] ItemCreated(Guid? actor = null) => Plane("issue", "created", new JsonObject
    {
        ["id"] = Item, ["project"] = Project, ["updated_at"] = "2026-06-07T16:14:45.123456Z", ["name"] = "Zähler", ["sequence_id"] = 12,
    }, new JsonObject { ["field"] = null, ["actor"] = new JsonObject { ["id"] = actor ?? Person } });

    public static byte[] ItemCommented(string action = "created", Guid? actor = null, string html = "<p>/approve &amp; go</p>") => Plane("issue_comment", action, new JsonObject
    {
        ["id"] = Guid.Parse("c0c0c0c0-0000-4000-8000-000000000007"), ["project"] = Project, ["issue"] = Item, ["comment_html"] = html, ["actor"] = actor ?? Person,
    }, new JsonObject { ["field"] = null, ["actor"] = new JsonObject { ["id"] = actor ?? Person } });

    public static byte[] ProjectDeleted() => Plane("project", "deleted", new JsonObject { ["id"] = Project }, new JsonObject { ["actor"] = new JsonObject { ["id"] = Person } });

    private static byte[] Gitea(JsonObject body, string sender)
    {
        body["repository"] = new JsonObject { ["id"] = 1, ["full_name"] = "acme/engine" };
        body["sender"] = User(sender);
        return Encoding.UTF8.GetBytes(body.ToJsonString(Indented));
    }

    // One line, other scripts escaped: as the sender signs it.
    private static byte[] Plane(string name, string action, JsonObject data, JsonObject activity) =>
        Encoding.UTF8.GetBytes(new JsonObject { ["event"] = name, ["action"] = action, ["webhook_id"] = Guid.Empty, ["data"] = data, ["activity"] = activity }.ToJsonString());

    private static JsonObject Pull(bool merged, string head) => new()
    {
        ["number"] = 7, ["user"] = User("ada"), ["state"] = "open", ["merged"] = merged, ["merge_commit_sha"] = merged ? Other : null,
        ["updated_at"] = "2026-06-07T16:11:15Z",
        ["base"] = new JsonObject { ["ref"] = "main", ["sha"] = Other }, ["head"] = new JsonObject { ["ref"] = "feature/T-1", ["sha"] = head },
    };

    private static JsonObject User(string login) => new() { ["id"] = 3, ["login"] = login };
}
