using System.Security.Cryptography;
using System.Text.Json;
using Orchestrator.Service.Remote;

namespace Orchestrator.Service.Delivery.Webhooks;

/// <summary>What a verified delivery of Gitea or Forgejo means.</summary>
internal static class GiteaReading
{
    private static readonly JsonDocumentOptions Bounded = new() { MaxDepth = 64 };

    /// <param name="type">The header <c>X-Gitea-Event-Type</c>, the finer one; null or empty if absent.</param>
    /// <param name="name">The header <c>X-Gitea-Event</c>; null or empty if absent, as old servers have it for statuses.</param>
    /// <param name="json">The signed bytes.</param>
    /// <param name="options">What counts, and who the service itself is.</param>
    public static Reading Read(string? type, string? name, ReadOnlyMemory<byte> json, GiteaWebhookOptions options)
    {
        var kind = type is { Length: > 0 } ? type : name is { Length: > 0 } ? name : "";
        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(json, Bounded);
        }
        catch (JsonException broken)
        {
            return new Reading.Broken($"The body is no JSON that can be read: line {broken.LineNumber + 1}, byte {broken.BytePositionInLine}.");
        }

        using (document)
        {
            var body = new Part(document.RootElement);
            if (!body.IsObject)
                return new Reading.Broken("The body must be a JSON object.");
            // Headers are not signed: they choose the reader, and the body must hold what that one needs. A verdict is taken from the body alone.
            var read = kind switch
            {
                "push" => Push(body, options),
                _ when kind.StartsWith("pull_request", StringComparison.Ordinal) && body["review"].IsObject => Review(body, options),
                "issue_comment" or "pull_request_comment" => Comment(body, options),
                _ when kind.StartsWith("pull_request", StringComparison.Ordinal) => PullRequest(body),
                "status" => Status(body, options),
                _ => new Found(WhyNothing.UnknownKind),
            };
            return read switch
            {
                { Missing: { } missing } => new Reading.Broken($"A delivery of kind {kind} must hold {missing}."),
                { Why: { } why } => new Reading.Nothing(kind, why),
                _ when options.Repositories.Count > 0 && !options.Repositories.Contains(read.Repository!, StringComparer.OrdinalIgnoreCase) => new Reading.Nothing(kind, WhyNothing.NotListed),
                _ => new Reading.News(kind, read.Key ?? ContentKey(json.Span), [read.Fact!]),
            };
        }
    }

    /// <summary>The key of a comment, however it was learned of.</summary>
    public static string CommentKey(string repository, long comment) => $"gitea:comment:{repository.ToLowerInvariant()}:{comment}";

    /// <summary>
    /// The key of everything else. Two events differ in some id or time; two copies of one, sent again by hand or by whoever has overheard it, do not differ in a byte.
    /// The delivery's id is no key: it stands in a header, which is not signed.
    /// </summary>
    private static string ContentKey(ReadOnlySpan<byte> json) => $"gitea:{Convert.ToHexStringLower(SHA256.HashData(json))}";

    private static Found Push(Part body, GiteaWebhookOptions options)
    {
        const string branches = "refs/heads/";
        if (body["ref"].Name is not { } reference || body["after"].Hash is not { } after || Repository(body) is not { } repository)
            return new("ref, after and repository.full_name");
        if (!reference.StartsWith(branches, StringComparison.Ordinal) || IsNone(after))
            return new(WhyNothing.MovesNothing); // a tag, or a branch that is gone
        var actor = body["pusher"]["login"].Name ?? Sender(body) ?? "";
        return IsOwn(body, options) ? new(WhyNothing.Own)
            : new(repository, new BranchPushed(repository, reference[branches.Length..], body["before"].Hash is { } before && !IsNone(before) ? before : null, after, actor));
    }

    private static Found PullRequest(Part body)
    {
        if (body["action"].Name is not { } action || At(body) is not { } at)
            return new("action, number, repository.full_name and pull_request with head.ref, head.sha and base.ref");
        var merged = body["pull_request"]["merged"].Flag == true;
        Fact? fact = action switch
        {
            "opened" => new PullRequestOpened(at, body["pull_request"]["user"]["login"].Name ?? Sender(body) ?? ""),
            "reopened" => new PullRequestReopened(at),
            "edited" => new PullRequestEdited(at),
            "synchronized" or "synchronize" => new PullRequestSynchronized(at),
            "closed" => merged ? new PullRequestMerged(at, body["pull_request"]["merge_commit_sha"].Hash) : new PullRequestClosedUnmerged(at),
            _ => null,
        };
        return fact is null ? new(WhyNothing.MovesNothing) : new(at.Repository, fact);
    }

    private static Found Review(Part body, GiteaWebhookOptions options)
    {
        if (At(body) is not { } at || body["review"]["type"].Name is not { } type || Sender(body) is not { } reviewer)
            return new("review.type, sender.login, number, repository.full_name and pull_request with head.ref, head.sha and base.ref");
        Fact? fact = type switch
        {
            "pull_request_review_approved" or "pull_request_approved" => new ReviewApproved(at, reviewer),
            "pull_request_review_rejected" or "pull_request_rejected" => new ReviewRejected(at, reviewer, body["review"]["content"].Text),
            _ => null, // a comment is no verdict
        };
        return fact is null ? new(WhyNothing.MovesNothing) : IsOwn(body, options) ? new(WhyNothing.Own) : new(at.Repository, fact);
    }

    private static Found Comment(Part body, GiteaWebhookOptions options)
    {
        if (body["action"].Name is not { } action || Repository(body) is not { } repository || body["issue"]["number"].Number is not { } number
            || body["comment"]["id"].Number is not { } comment || (body["comment"]["user"]["login"].Name ?? Sender(body)) is not { } author)
            return new("action, repository.full_name, issue.number, comment.id and its author");
        if (action != "created" || !(body["is_pull"].Flag == true || body["issue"]["pull_request"].IsObject))
            return new(WhyNothing.MovesNothing);
        return IsOwn(body, options) || IsBot(author, options) ? new(WhyNothing.Own)
            : new(repository, new PullRequestCommented(repository, number, comment, author, body["comment"]["body"].Text), CommentKey(repository, comment));
    }

    private static Found Status(Part body, GiteaWebhookOptions options)
    {
        if (body["sha"].Hash is not { } commit || body["context"].Name is not { } context || body["state"].Name is not { } state || Repository(body) is not { } repository)
            return new("sha, context, state and repository.full_name");
        return options.OwnContexts.Length > 0 && context.StartsWith(options.OwnContexts, StringComparison.Ordinal) ? new(WhyNothing.Own)
            : new(repository, new StatusChanged(repository, commit, context, state));
    }

    private static PullRequestAt? At(Part body)
    {
        var pull = body["pull_request"];
        return Repository(body) is { } repository && (body["number"].Number ?? pull["number"].Number) is { } number
            && pull["head"]["ref"].Name is { } branch && pull["head"]["sha"].Hash is { } head && pull["base"]["ref"].Name is { } into
            ? new PullRequestAt(repository, number, branch, head, into) : null;
    }

    private static string? Repository(Part body) => body["repository"]["full_name"].Name is { } name && name.Split('/') is [{ Length: > 0 }, { Length: > 0 }] ? name : null;

    private static string? Sender(Part body) => body["sender"]["login"].Name;

    private static bool IsOwn(Part body, GiteaWebhookOptions options) => Sender(body) is { } sender && IsBot(sender, options);

    private static bool IsBot(string login, GiteaWebhookOptions options) => options.Bot is { Length: > 0 } bot && bot.Equals(login, StringComparison.OrdinalIgnoreCase);

    private static bool IsNone(string hash) => hash.All(c => c == '0');

    private sealed record Found
    {
        public Found(WhyNothing why) => Why = why;

        public Found(string missing) => Missing = missing;

        public Found(string repository, Fact fact, string? key = null) => (Repository, Fact, Key) = (repository, fact, key);

        public WhyNothing? Why { get; }
        public string? Missing { get; }
        public string? Repository { get; }
        public Fact? Fact { get; }
        public string? Key { get; }
    }
}
