using System.Security.Cryptography;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Orchestrator.Samples.Files;

/// <summary>What AWS puts on the queue for these files.</summary>
internal static class Events
{
    private const string Bucket = "ap-inbox";
    private static readonly JsonSerializerOptions Json = new() { WriteIndented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static IEnumerable<SampleFile> Write(SampleFile merged, SampleFile mail) =>
    [
        File("s3-object-created.json", new { Records = new[] { Record("tenants/acme/manual/22+invoices+%28M%C3%A4rz%29.pdf", merged.Content) } }),
        File("s3-object-created-mail.json", new { Records = new[] { Record($"ses/inbound/{Mail.MessageId}", mail.Content) } }),
        File("s3-test-event.json", new { Service = "Amazon S3", Event = "s3:TestEvent", Time = "2026-03-20T08:00:00.000Z", Bucket, RequestId = "SAMPLE000000001", HostId = "sample" }),
        File("ses-received.json", Received()),
        File("ses-received.sns.json", new
        {
            Type = "Notification",
            MessageId = "00000000-0000-4000-8000-000000000001",
            TopicArn = "arn:aws:sns:eu-central-1:000000000000:ses-inbound",
            Subject = "Amazon SES Email Receipt Notification",
            Message = JsonSerializer.Serialize(Received()),
            Timestamp = "2026-03-20T09:14:03.000Z",
            SignatureVersion = "1",
        }),
    ];

    private static SampleFile File(string name, object content) => new($"events/{name}", JsonSerializer.Serialize(content, Json) + "\n");

    private static object Record(string key, byte[] content) => new
    {
        eventVersion = "2.1",
        eventSource = "aws:s3",
        awsRegion = "eu-central-1",
        eventTime = "2026-03-20T09:14:03.000Z",
        eventName = "ObjectCreated:Put",
        s3 = new
        {
            s3SchemaVersion = "1.0",
            configurationId = "ap-inbox-created",
            bucket = new { name = Bucket, arn = $"arn:aws:s3:::{Bucket}" },
            @object = new
            {
                key,
                size = content.Length,
#pragma warning disable CA5351 // S3's own etag of a plain upload is the MD5; nothing is protected by it
                eTag = Convert.ToHexStringLower(MD5.HashData(content)),
#pragma warning restore CA5351
                sequencer = "0069BCF00000000001",
            },
        },
    };

    private static object Received() => new
    {
        notificationType = "Received",
        mail = new
        {
            timestamp = "2026-03-20T09:14:02.000Z",
            source = "compta@papeterie-vieuxport.example",
            messageId = Mail.MessageId,
            destination = new[] { "invoices@ap.acme-maschinenbau.example" },
            commonHeaders = new { messageId = "<20260320101401.77@papeterie-vieuxport.example>", subject = "Facture n° FA-2026-0117 – 1 annexe (urgent)" },
        },
        receipt = new
        {
            timestamp = "2026-03-20T09:14:02.000Z",
            recipients = new[] { "invoices@ap.acme-maschinenbau.example" },
            spamVerdict = new { status = "PASS" },
            virusVerdict = new { status = "PASS" },
            spfVerdict = new { status = "PASS" },
            dkimVerdict = new { status = "PASS" },
            dmarcVerdict = new { status = "PASS" },
            action = new { type = "S3", bucketName = Bucket, objectKeyPrefix = "ses/inbound", objectKey = $"ses/inbound/{Mail.MessageId}" },
        },
    };
}
