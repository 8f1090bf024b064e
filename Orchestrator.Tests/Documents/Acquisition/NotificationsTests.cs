using System.Text.Json;
using Orchestrator.Service.Documents.Acquisition;
using Orchestrator.Tests.Documents.Samples;
using Orchestrator.Tests.Infrastructure;
using static Orchestrator.Service.Documents.Acquisition.AcquisitionDecision;

namespace Orchestrator.Tests.Documents.Acquisition;

[Trait("Requirement", "DOC-1")]
public class NotificationsTests
{
    private static readonly AcquisitionOptions Options = new();

    [Fact]
    public void An_object_created_event_is_work_and_its_key_is_decoded()
    {
        var notice = Pulled(Sample.Text("events/s3-object-created.json"));
        Assert.Equal("ap-inbox", notice.Bucket);
        Assert.Equal("tenants/acme/manual/22 invoices (März).pdf", notice.Key);
        Assert.Equal(ObjectKind.File, notice.Kind);
        Assert.Equal(new("ap-inbox", notice.Key, notice.ETag!), notice.Identity);
        Assert.Equal(Sample.Bytes("22-invoices.pdf").Length, notice.Size);
    }

    [Fact]
    public void A_mail_in_the_bucket_is_work_as_a_mail()
    {
        Assert.Equal(ObjectKind.Mail, Pulled(Sample.Text("events/s3-object-created-mail.json")).Kind);
        var received = Pulled(Sample.Text("events/ses-received.json"));
        Assert.Equal(ObjectKind.Mail, received.Kind);
        Assert.Null(received.Identity); // SES names no version; the bucket must be asked
        Assert.Equal("PASS", received.Verdicts["virus"]);
    }

    [Fact]
    public void A_notice_in_an_SNS_envelope_is_the_same_notice()
    {
        var (plain, wrapped) = (Pulled(Sample.Text("events/ses-received.json")), Pulled(Sample.Text("events/ses-received.sns.json")));
        Assert.Equal((plain.Bucket, plain.Key, plain.SesMessageId), (wrapped.Bucket, wrapped.Key, wrapped.SesMessageId));
    }

    [Fact]
    public void The_test_event_is_ignored() => Assert.IsType<Ignore>(Only(Sample.Text("events/s3-test-event.json")));

    [Theory]
    [InlineData("ObjectRemoved:Delete", "a.pdf")]
    [InlineData("ObjectRestore:Post", "a.pdf")]
    [InlineData("ObjectCreated:Put", "outputs/acme/1/json/2")]
    [InlineData("ObjectCreated:Put", "ses/AMAZON_SES_SETUP_NOTIFICATION")]
    [InlineData("ObjectCreated:Put", "tenants/acme/")]
    public void What_is_no_work_is_ignored(string name, string key) => Assert.IsType<Ignore>(Only(Event(name, key, size: 0)));

    [Theory]
    [InlineData("ObjectCreated:Put")]
    [InlineData("ObjectCreated:CompleteMultipartUpload")]
    [InlineData("s3:ObjectCreated:Copy")]
    public void Each_way_of_creating_an_object_is_work(string name) => Pulled(Event(name, "a.pdf"));

    [Fact]
    public void Each_record_is_decided_by_itself()
    {
        var good = JsonDocument.Parse(Event("ObjectCreated:Put", "a.pdf")).RootElement.GetProperty("Records")[0].GetRawText();
        var decisions = Notifications.Read($$"""{"Records":[{{good}},{"eventSource":"aws:s3","eventVersion":"2.1","eventName":"ObjectCreated:Put"},{{good}}]}""", Options);
        Assert.IsType<Pull>(decisions[0]);
        Assert.Equal("Records[1]: 's3' is missing or is no object.", Assert.IsType<Unrecognised>(decisions[1]).Reason);
        Assert.IsType<Pull>(decisions[2]);
    }

    [Fact]
    [Trait("Requirement", "DOC-2")]
    public void The_identity_is_the_version_and_the_etag_where_there_is_none()
    {
        Assert.Equal("v1", ObjectIdentity.Of("b", "k", "v1", "e")!.Version);
        Assert.Equal("e", ObjectIdentity.Of("b", "k", null, "\"e\"")!.Version);
        Assert.Equal("e", ObjectIdentity.Of("b", "k", "null", "e")!.Version); // versioning switched off again
        Assert.Null(ObjectIdentity.Of("b", "k", null, null));
    }

    [Fact]
    public void A_mail_with_a_virus_is_refused_with_a_reason()
    {
        var body = Sample.Text("events/ses-received.json").Replace("\"virusVerdict\": {\n      \"status\": \"PASS\"", "\"virusVerdict\": {\n      \"status\": \"FAIL\"", StringComparison.Ordinal);
        var refused = Assert.IsType<Refuse>(Only(body));
        Assert.Equal("VirusFail", refused.Code);
        Assert.Contains("ask the sender", refused.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [Trait("Requirement", "SEC-4")]
    [InlineData("", "not JSON")]
    [InlineData("{\"Records\":", "not JSON")]
    [InlineData("[]", "a JSON array")]
    [InlineData("{\"hello\":1}", "It has hello")]
    [InlineData("{\"Records\":{}}", "Records is not a list")]
    [InlineData("{\"Type\":\"SubscriptionConfirmation\"}", "confirm a subscription")]
    [InlineData("{\"Type\":\"Notification\"}", "'Message' is missing")]
    [InlineData("{\"Type\":\"Notification\",\"Message\":\"{\\\"Type\\\":\\\"Notification\\\"}\"}", "envelope inside")]
    [InlineData("{\"notificationType\":\"Received\"}", "'receipt' is missing")]
    [InlineData("{\"notificationType\":\"Sideways\"}", "'Sideways' is not known")]
    [InlineData("{\"\\ud800\":1}", "")]
    [InlineData("{\"notificationType\":\"\\ud800\"}", "")]
    public void What_nobody_knows_is_unrecognised_with_the_reason(string body, string reason) =>
        Assert.Contains(reason, Assert.IsType<Unrecognised>(Only(body)).Reason, StringComparison.Ordinal);

    [Fact]
    [Trait("Requirement", "SEC-4")]
    public void Depth_size_and_number_of_records_are_bounded()
    {
        Assert.Contains("not JSON that can be read", Reason(string.Concat(Enumerable.Repeat("{\"a\":", 40)) + "1" + new string('}', 40)), StringComparison.Ordinal);
        Assert.Contains("MaxMessageBytes", Reason("{\"a\":\"" + new string('x', 1024 * 1024) + "\"}"), StringComparison.Ordinal);
        Assert.Contains("MaxRecords", Reason($"{{\"Records\":[{string.Join(',', Enumerable.Repeat("{}", 101))}]}}"), StringComparison.Ordinal);

        static string Reason(string body) => Assert.IsType<Unrecognised>(Only(body)).Reason;
    }

    [Fact]
    [Trait("Requirement", "SEC-4")]
    public void No_damage_to_a_message_makes_the_reader_throw()
    {
        var random = new Random(20260320);
        foreach (var name in new[] { "s3-object-created", "ses-received", "ses-received.sns", "s3-test-event" })
        {
            var body = Sample.Text($"events/{name}.json");
            for (var i = 0; i < 300; i++)
            {
                var letters = body.ToCharArray();
                for (var hit = random.Next(1, 6); hit > 0; hit--) letters[random.Next(letters.Length)] = (char)random.Next(0x20, random.Next(2) == 0 ? 0x7F : 0xE000);
                Assert.NotEmpty(Notifications.Read(new string(letters)[..random.Next(letters.Length)], Options));
                Assert.NotEmpty(Notifications.Read(new string(letters), Options));
            }
        }
    }

    [Theory]
    [InlineData("tenants/acme/manual/a.pdf", "acme")]
    [InlineData("ses/inbound/1", "default")]
    [InlineData("tenants/", "default")]
    [InlineData("tenants/../x", "default")]
    [InlineData("tenants/Ac me/x", "default")]
    public void A_key_says_whose_it_is(string key, string tenant) => Assert.Equal(tenant, Tenant.Of(key, Options));

    [SharedDataFact]
    [Trait("Requirement", "DOC-2")]
    public void The_collected_events_are_decided_as_they_are_labelled()
    {
        var put = Pulled(Collected("s3-object-created-put.json"));
        Assert.Equal("tenants/acme/manual/2025-11-05/Rechnungen März + April (22).pdf", put.Key);
        Assert.Equal(put.Identity, Pulled(Collected("s3-object-created-put.redelivery.json")).Identity);
        Assert.NotEqual(put.Identity, Pulled(Collected("s3-object-created-put.newer-version.json")).Identity);
        Assert.Equal(["tenants/acme/manual/a.pdf", "tenants/acme/manual/b c.pdf"], Notifications.Read(Collected("s3-multi-record.json"), Options).Cast<Pull>().Select(pull => pull.Notice.Key));
        Assert.IsType<Ignore>(Only(Collected("s3-object-removed.json")));
        Assert.IsType<Ignore>(Only(Collected("s3-test-event.json")));
        Assert.IsType<Refuse>(Only(Collected("ses-received-virus-fail.json")));
        var (event_, receipt, wrapped) = (Pulled(Collected("s3-ses-object-created-put.json")), Pulled(Collected("ses-received-s3-action.json")), Pulled(Collected("sqs-body-sns-envelope-of-ses.json")));
        Assert.Equal((event_.Bucket, event_.Key, ObjectKind.Mail), (receipt.Bucket, receipt.Key, receipt.Kind));
        Assert.Equal((receipt.Bucket, receipt.Key, receipt.SesMessageId), (wrapped.Bucket, wrapped.Key, wrapped.SesMessageId));
    }

    private static string Collected(string name) => File.ReadAllText(Path.Combine(SharedData.Root!, "invoices", "events", name));

    [Theory]
    [InlineData("in\\u0000box", "a.pdf", "e", "'name' has the character NUL")]
    [InlineData("inbox", "a%00.pdf", "e", "'key' has the character NUL")]
    [InlineData("inbox", "a.pdf", "e\\u0000", "'eTag' has the character NUL")]
    [InlineData("inbox", null, "e", "'key' has 1025 bytes, and names in S3 have at most 1024")]
    public void A_name_that_cannot_be_stored_is_unrecognised_and_its_neighbours_are_read(string bucket, string? key, string etag, string why)
    {
        var decisions = Notifications.Read($$"""{"Records":[{{Record(bucket, key ?? new('k', 1025), etag)}},{{Record("inbox", new('k', 1024), "e")}}]}""", Options);

        Assert.Contains(why, Assert.IsType<Unrecognised>(decisions[0]).Reason, StringComparison.Ordinal);
        Assert.IsType<Pull>(decisions[1]);

        static string Record(string bucket, string key, string etag) => $$"""
            {"eventSource":"aws:s3","eventVersion":"2.1","eventName":"ObjectCreated:Put","s3":{"bucket":{"name":"{{bucket}}"},"object":{"key":"{{key}}","eTag":"{{etag}}"} } }
            """;
    }

    private static AcquisitionDecision Only(string body) => Assert.Single(Notifications.Read(body, Options));

    private static ObjectNotice Pulled(string body) => Assert.IsType<Pull>(Only(body)).Notice;

    private static string Event(string name, string key, int size = 10) =>
        $$"""{"Records":[{"eventVersion":"2.3","eventSource":"aws:s3","eventName":"{{name}}","s3":{"bucket":{"name":"b"},"object":{"key":"{{key}}","size":{{size}},"eTag":"e"} } } ]}""";
}
