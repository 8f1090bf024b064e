using System.Text;
using System.Text.Json;
using Orchestrator.Service.Classify;
using static Orchestrator.Service.Documents.Acquisition.AcquisitionDecision;

namespace Orchestrator.Service.Documents.Acquisition;

/// <summary>
/// Reads a message body as AWS writes it: S3's records, S3's test event, SES's receipt notification, or an SNS envelope
/// around one of them. Told apart by shape, since AWS puts no type anywhere. One decision a record; never throws.
/// </summary>
internal static class Notifications
{
    public static IReadOnlyList<AcquisitionDecision> Read(string body, AcquisitionOptions options)
    {
        var bytes = Encoding.UTF8.GetBytes(body);
        if (bytes.Length > options.MaxMessageBytes)
            return [new Unrecognised($"The message has {bytes.Length} bytes and at most {options.MaxMessageBytes} are read (MaxMessageBytes).")];
        try
        {
            using var json = JsonDocument.Parse(bytes, new() { MaxDepth = options.MaxMessageDepth });
            return Message(json.RootElement, options, enveloped: false);
        }
        catch (Exception wrong) when (wrong is JsonException or InvalidOperationException)
        {
            return [new Unrecognised($"The message is not JSON that can be read: {wrong.Message}")];
        }
        catch (MissingPart missing)
        {
            return [new Unrecognised(missing.Message)];
        }
    }

    private static IReadOnlyList<AcquisitionDecision> Message(JsonElement message, AcquisitionOptions options, bool enveloped)
    {
        if (message.ValueKind is not JsonValueKind.Object)
            return [new Unrecognised($"The message is a JSON {message.ValueKind.ToString().ToLowerInvariant()}, and notifications of AWS are objects.")];
        if (message.TryGetProperty("Records", out var records)) return S3Records.Read(records, options);
        if (message.Text("Event") is "s3:TestEvent") return [new Ignore("S3's test event: the bucket was just connected to this queue.")];
        if (message.Text("notificationType") is { } kind) return [SesReceipt.Read(message, kind, options)];
        return message.Text("Type") switch
        {
            "Notification" when !enveloped => Unwrap(message, options),
            "Notification" => [new Unrecognised("An SNS envelope inside an SNS envelope is not read.")],
            "SubscriptionConfirmation" => [new Unrecognised("SNS asks to confirm a subscription; confirm it in the console or with ConfirmSubscription, the queue can't.")],
            _ => [new Unrecognised($"The message is no notification of S3 or SES: it has none of Records, Event, notificationType and Type. It has {Names(message)}.")],
        };
    }

    private static IReadOnlyList<AcquisitionDecision> Unwrap(JsonElement envelope, AcquisitionOptions options)
    {
        using var inner = JsonDocument.Parse(envelope.Needed("Message"), new() { MaxDepth = options.MaxMessageDepth });
        return Message(inner.RootElement, options, enveloped: true);
    }

    private static string Names(JsonElement message)
    {
        var names = message.EnumerateObject().Take(8).Select(property => Ellipsis.Of(property.Name, 40)).ToList();
        return names.Count == 0 ? "nothing" : string.Join(", ", names);
    }
}
