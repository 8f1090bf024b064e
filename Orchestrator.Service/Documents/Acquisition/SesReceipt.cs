using System.Text.Json;
using static Orchestrator.Service.Documents.Acquisition.AcquisitionDecision;

namespace Orchestrator.Service.Documents.Acquisition;

internal static class SesReceipt
{
    private static readonly string[] VerdictNames = ["spam", "virus", "spf", "dkim", "dmarc"];

    public static AcquisitionDecision Read(JsonElement message, string kind, AcquisitionOptions options)
    {
        if (kind is "Bounce" or "Complaint" or "Delivery") return new Ignore($"SES reports a {kind.ToLowerInvariant()} of a sent mail; only received mails are work.");
        if (kind is not "Received") return new Unrecognised($"SES's notification type '{kind}' is not known.");
        var receipt = message.Part("receipt");
        var action = receipt.Part("action");
        if (action.Needed("type") is var type && type is not "S3")
            return new Unrecognised($"SES's rule has a '{type}' action, and only mails stored by an S3 action are read: add one to the receipt rule.");
        var (bucket, key) = (JsonParts.Storable(action.Needed("bucketName"), "bucketName"), JsonParts.Storable(action.Needed("objectKey"), "objectKey"));
        if (S3Records.IgnoredKey(key, options) is { } reason) return new Ignore(reason);
        var verdicts = Verdicts(receipt);
        var notice = new ObjectNotice(bucket, key, Identity: null, ObjectKind.Mail)
        {
            SesMessageId = message.Part("mail").Name("messageId"),
            Verdicts = verdicts,
        };
        return verdicts.GetValueOrDefault("virus") is "FAIL"
            ? new Refuse(notice, "VirusFail", "SES found a virus in the mail. It stays in the bucket; ask the sender for a clean copy.")
            : new Pull(notice);
    }

    private static Dictionary<string, string> Verdicts(JsonElement receipt)
    {
        var verdicts = new Dictionary<string, string>();
        foreach (var name in VerdictNames)
            if (receipt.TryGetProperty($"{name}Verdict", out var verdict) && verdict.ValueKind is JsonValueKind.Object && verdict.Text("status") is { } status)
                verdicts[name] = status;
        return verdicts;
    }
}
