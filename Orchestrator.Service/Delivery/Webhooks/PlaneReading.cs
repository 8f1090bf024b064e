using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Orchestrator.Service.Remote;

namespace Orchestrator.Service.Delivery.Webhooks;

/// <summary>What a verified delivery of Plane means. Which event it is stands in the body, which is signed; the header is not asked.</summary>
internal static class PlaneReading
{
    private static readonly JsonDocumentOptions Bounded = new() { MaxDepth = 64 };

    /// <param name="json">The signed bytes.</param>
    /// <param name="options">What counts, and who the service itself is.</param>
    public static Reading Read(ReadOnlyMemory<byte> json, PlaneWebhookOptions options)
    {
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
            try
            {
                return Read(new Part(document.RootElement), options);
            }
            catch (InvalidOperationException)
            {
                return new Reading.Broken("The names of the body's members must be texts that can be read.");
            }
        }
    }

    /// <summary>The key of a comment, however it was learned of.</summary>
    public static string CommentKey(Guid comment) => $"plane:comment:{comment:D}";

    /// <summary>The key of a new item, however it was learned of.</summary>
    public static string CreatedKey(Guid item) => $"plane:item-created:{item:D}";

    private static Reading Read(Part body, PlaneWebhookOptions options)
    {
        if (body["event"].Name is not { } named || body["data"]["id"].Id is not { } id)
            return new Reading.Broken("A delivery must hold event and data.id.");
        // The newer form has the action in the name (workitem.created) and may lack the older one's activity.
        var (subject, verb) = named.LastIndexOf('.') is > 0 and var dot ? (named[..dot], named[(dot + 1)..]) : (named, body["action"].Name ?? "");
        var kind = $"{named}{(named.Contains('.', StringComparison.Ordinal) ? "" : "." + verb)}";
        var project = body["data"]["project"].Id ?? body["data"]["project"]["id"].Id;
        if (project is { } given && options.Projects.Count > 0 && !options.Projects.Any(listed => Guid.Parse(listed) == given))
            return new Reading.Nothing(kind, WhyNothing.NotListed);

        var action = verb switch { "create" or "created" => 'c', "update" or "updated" => 'u', "delete" or "deleted" => 'd', _ => ' ' };
        return subject switch
        {
            "project" => action == 'd' ? Deleted(kind, id, options) : new Reading.Nothing(kind, WhyNothing.MovesNothing),
            "issue" or "workitem" or "work_item" => Item(kind, action, id, project, body, options),
            "issue_comment" or "workitem.comment" or "workitem_comment" or "work_item_comment" => Comment(kind, action, id, project, body, options),
            _ => new Reading.Nothing(kind, WhyNothing.UnknownKind),
        };
    }

    private static Reading Deleted(string kind, Guid project, PlaneWebhookOptions options) =>
        options.Projects.Count > 0 && !options.Projects.Any(listed => Guid.Parse(listed) == project)
            ? new Reading.Nothing(kind, WhyNothing.NotListed)
            : new Reading.News(kind, $"plane:project-deleted:{project:D}", [new ProjectDeleted(project)]);

    private static Reading Item(string kind, char action, Guid item, Guid? project, Part body, PlaneWebhookOptions options)
    {
        if (action == 'd') // carries nothing but the id
            return IsOwn(body, options) ? new Reading.Nothing(kind, WhyNothing.Own) : new Reading.News(kind, $"plane:item-deleted:{item:D}", [new WorkItemDeleted(project, item)]);
        if (project is not { } within)
            return new Reading.Broken("A work item must hold data.project.");
        if (action == 'c')
        {
            return IsOwn(body, options) ? new Reading.Nothing(kind, WhyNothing.Own)
                : new Reading.News(kind, CreatedKey(item), [new WorkItemCreated(within, item, body["data"]["sequence_id"].Number, body["data"]["name"].Text)]);
        }

        var activity = body["activity"];
        var facts = (activity["field"].Name is { } field ? [field] : body["previous_attributes"].Keys)
            .Select(changed => Fact(changed, within, item, activity, body["data"])).OfType<Fact>().Distinct().ToList();
        return action != 'u' || facts.Count == 0 ? new Reading.Nothing(kind, WhyNothing.MovesNothing)
            : IsOwn(body, options) ? new Reading.Nothing(kind, WhyNothing.Own)
            : new Reading.News(kind, ChangeKey(item, body), facts);
    }

    // The web page sends the names with _id, the API those without: both are the same change.
    private static Fact? Fact(string field, Guid project, Guid item, Part activity, Part data) => field switch
    {
        "state" or "state_id" => new WorkItemStateChanged(project, item, activity["new_value"].Id ?? (activity.Exists ? null : data["state"]["id"].Id ?? data["state"].Id)),
        "labels" or "label_ids" => new WorkItemLabelsChanged(project, item),
        "assignees" or "assignee_ids" => new WorkItemAssigneesChanged(project, item),
        _ => null,
    };

    private static Reading Comment(string kind, char action, Guid comment, Guid? project, Part body, PlaneWebhookOptions options)
    {
        if (action != 'c')
            return new Reading.Nothing(kind, WhyNothing.MovesNothing);
        var data = body["data"];
        if (project is not { } within || (data["issue"].Id ?? data["issue"]["id"].Id) is not { } item)
            return new Reading.Broken("A comment must hold data.project and data.issue.");
        return IsOwn(body, options) || IsBot(data["actor"].Id, options) ? new Reading.Nothing(kind, WhyNothing.Own)
            : new Reading.News(kind, CommentKey(comment), [new WorkItemCommented(within, item, comment, data["actor"].Id ?? Actor(body), Part.Cut(Html.ToText(data["comment_html"].Whole)))]);
    }

    /// <summary>
    /// A retry has a new delivery id, and its data may be newer than at the first try; the change itself (item, field, new value) repeats when somebody moves an item to and fro.
    /// So the item's version at the sending stands in the key, too: two deliveries with one key were both sent after the same last change, and whoever reads the item because of
    /// the first sees what the second would have shown. The newer form has an id of the event.
    /// </summary>
    private static string ChangeKey(Guid item, Part body)
    {
        if (body["event_id"].Name is { } named)
            return $"plane:event:{named}";
        var version = body["data"]["updated_at"].Time is { } at ? at.ToString("O", CultureInfo.InvariantCulture) : body["data"].Raw;
        var change = string.Join('\n', body["activity"]["field"].Name, body["activity"]["old_value"].Raw, body["activity"]["new_value"].Raw, string.Join(',', body["previous_attributes"].Keys), version);
        return $"plane:change:{item:D}:{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(change)))}";
    }

    private static bool IsOwn(Part body, PlaneWebhookOptions options) => IsBot(Actor(body), options);

    private static Guid? Actor(Part body) => body["activity"]["actor"]["id"].Id ?? body["activity"]["actor"].Id;

    private static bool IsBot(Guid? user, PlaneWebhookOptions options) => user is { } id && Guid.TryParse(options.Bot, out var bot) && bot == id;
}
