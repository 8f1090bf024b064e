using System.IO.Enumeration;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Orchestrator.AmazonSqs;

/// <summary>
/// A queue's access policy, which must let SNS deliver into the queue. Statements of others are kept as they are. One wildcard for
/// the account's topics is added instead of one line per topic: it stays under the size limit, and two nodes that write at the same
/// time write the same.
/// </summary>
internal static class QueuePolicy
{
    private static readonly JsonSerializerOptions Compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The policy that lets all topics deliver, or null when <paramref name="policy"/> already does.</summary>
    public static string? Allow(string? policy, string queueArn, IReadOnlyCollection<string> topicArns)
    {
        var document = string.IsNullOrWhiteSpace(policy) ? new JsonObject { ["Version"] = "2012-10-17" } : JsonNode.Parse(policy)!.AsObject();
        var statements = Many(document["Statement"]).Select(node => node!.DeepClone()).ToList();
        var missing = topicArns.Where(topic => !statements.Any(statement => Covers(statement, topic))).ToList();
        if (missing.Count == 0)
            return null;

        foreach (var wildcard in missing.Select(arn => arn[..(arn.LastIndexOf(':') + 1)] + "*").Distinct())
            statements.Add(Statement(queueArn, wildcard));
        document["Statement"] = new JsonArray([.. statements]);
        return document.ToJsonString(Compact);
    }

    private static JsonObject Statement(string queueArn, string topicPattern) => new()
    {
        ["Effect"] = "Allow",
        ["Principal"] = new JsonObject { ["Service"] = "sns.amazonaws.com" },
        ["Action"] = "sqs:SendMessage",
        ["Resource"] = queueArn,
        ["Condition"] = new JsonObject { ["ArnLike"] = new JsonObject { ["aws:SourceArn"] = topicPattern } },
    };

    private static bool Covers(JsonNode statement, string topicArn)
    {
        if (statement is not JsonObject rule || rule["Effect"]?.GetValue<string>() != "Allow")
            return false;
        if (!Texts(rule["Action"]).Any(action => action == "*" || action.Equals("sqs:*", StringComparison.OrdinalIgnoreCase) || action.Equals("sqs:SendMessage", StringComparison.OrdinalIgnoreCase)))
            return false;
        if (!IsPrincipal(rule["Principal"]))
            return false;
        return rule["Condition"] switch
        {
            null => true,
            // Any other condition could refuse SNS; such a statement counts as not covering and ours is added beside it.
            JsonObject { Count: 1 } condition => condition.First() is var (kind, keys)
                && kind is "ArnLike" or "ArnEquals" or "StringLike" or "StringEquals"
                && condition.First().Value is JsonObject { Count: 1 } source
                && source.First().Key.Equals("aws:SourceArn", StringComparison.OrdinalIgnoreCase)
                && Texts(source.First().Value).Any(pattern => FileSystemName.MatchesSimpleExpression(pattern, topicArn, ignoreCase: false)),
            _ => false,
        };
    }

    private static bool IsPrincipal(JsonNode? principal) => principal switch
    {
        JsonValue value => value.GetValue<string>() == "*",
        JsonObject named => Texts(named["Service"]).Contains("sns.amazonaws.com") || Texts(named["AWS"]).Contains("*"),
        _ => false,
    };

    /// <summary>IAM allows a single value wherever it allows a list.</summary>
    private static JsonArray Many(JsonNode? node) => node switch
    {
        null => [],
        JsonArray array => array,
        _ => [node.DeepClone()],
    };

    private static IEnumerable<string> Texts(JsonNode? node) => Many(node).OfType<JsonValue>().Select(value => value.GetValue<string>());
}
