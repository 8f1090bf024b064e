using System.Text.Json;
using System.Text.Json.Nodes;
using Amazon.S3.Model;
using Microsoft.Extensions.DependencyInjection;
using Orchestrator.Local;
using Orchestrator.Persistence.Documents;
using Orchestrator.Service.Documents.Storage;
using Orchestrator.Tests.Infrastructure;

namespace Orchestrator.Tests.Documents.Workers;

public sealed class AcquisitionTests(SharedNode shared) : IClassFixture<SharedNode>
{
    private static string Samples => Path.Combine(Repository.Root, "samples");

    private DocumentNode Node => shared.Node;

    [Fact]
    [Trait("Requirement", "DOC-2")]
    [Trait("Requirement", "PROT-6")]
    public async Task An_object_that_is_notified_again_and_again_is_one_source_one_document_and_one_ingestion()
    {
        var key = $"{Shared.Unique("tenants/again")}/a.xml";
        var stored = await Node.PutFileAsync(key, Path.Combine(Samples, "xml", "26-3301.cii.xml"));
        await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => Node.Notifier.NotifyAsync(stored)));

        var document = await StoredAsync(key);
        await Node.Notifier.NotifyAsync(stored); // and once more after it was done
        await EmptyAsync();

        Assert.Equal(1, await CountAsync("SELECT count(*) FROM orchestrator.document_source WHERE key = $1", key));
        Assert.Equal(1, await CountAsync("SELECT count(*) FROM orchestrator.document d JOIN orchestrator.document_source s ON s.id = d.source_id WHERE s.key = $1", key));
        Assert.Equal(1, await CountAsync("SELECT count(*) FROM orchestrator.job WHERE lane = 'ingestion' AND dedupe_key = $1", $"ingest:{document.Id:D}:1"));
    }

    [Fact]
    [Trait("Requirement", "DOC-1")]
    public async Task What_holds_no_work_is_deleted_at_once_although_no_permit_is_free()
    {
        using var held = await HoldAllAsync();
        var before = await CountAsync("SELECT count(*) FROM orchestrator.document_source");

        await Node.Notifier.SendTestEventAsync();
        await Node.NotifyAsync(Event("ObjectRemoved:DeleteMarkerCreated", "a.pdf"));
        await Node.NotifyAsync(Event("ObjectCreated:Put", "outputs/default/x/json/y"));
        await Node.NotifyAsync(Event("ObjectCreated:Put", "blobs/" + new string('a', 64)));
        await Node.NotifyAsync(Event("ObjectCreated:Put", "ses/inbound/AMAZON_SES_SETUP_NOTIFICATION"));
        await EmptyAsync();

        Assert.Equal(before, await CountAsync("SELECT count(*) FROM orchestrator.document_source"));
        Assert.False(await Node.Queues.ExistsAsync(Node.AcquisitionQueue + "_skipped"));
    }

    [Fact]
    [Trait("Requirement", "DOC-1")]
    [Trait("Requirement", "PROT-6")]
    public async Task What_nobody_understands_is_kept_with_the_reason_and_takes_no_readable_record_with_it()
    {
        var key = Shared.Unique("tenants/beside") + "/a.xml";
        await Node.StoreAsync(Node.Bucket, key, Different(key));
        var mixed = JsonNode.Parse(Event("ObjectCreated:Put", key, await EtagAsync(key)))!;
        mixed["Records"]!.AsArray().Add(new JsonObject { ["eventSource"] = "aws:s3" });

        await Node.NotifyAsync("this is no JSON");
        await Node.NotifyAsync("""["neither","is","this"]""");
        await Node.NotifyAsync("""{"hello":"world"}""");
        await Node.NotifyAsync(mixed.ToJsonString());

        await StoredAsync(key);
        await Eventually.IsAsync(ErrorsAsync, count => count == 4, "all four are in the error queue");
        await EmptyAsync();
        var reasons = (await Node.Queues.ReceiveAsync(Node.AcquisitionQueue + "_error")).Select(message => (message.Body, Reason: message.MessageAttributes!["MT-Fault-Message"].StringValue)).ToList();
        Assert.Contains(reasons, kept => kept.Body == """{"hello":"world"}""" && kept.Reason!.Contains("no notification of S3 or SES", StringComparison.Ordinal));
        Assert.Contains(reasons, kept => kept.Body == "this is no JSON");
    }

    [Fact]
    [Trait("Requirement", "DOC-2")]
    public async Task An_object_that_is_gone_is_recorded_and_taken_when_it_comes_after_all()
    {
        var key = Shared.Unique("tenants/gone") + "/a.xml";
        var content = Different(key);
        await Node.StoreAsync(Node.Bucket, key, content);
        var etag = await EtagAsync(key);
        await Node.S3.DeleteObjectAsync(Node.Bucket, key);

        await Node.NotifyAsync(Event("ObjectCreated:Put", key, etag));
        var gone = await StoredAsync(key);
        await EmptyAsync();
        Assert.Equal((DocumentStatus.Failed, "SourceGone"), (gone.Status, gone.ReasonCode));

        await Node.StoreAsync(Node.Bucket, key, content);
        await Node.NotifyAsync(Event("ObjectCreated:Put", key, etag));
        var here = await Eventually.IsAsync(() => StoredAsync(key), document => document.Sha256 is not null, "the object was taken");
        Assert.NotEqual(gone.Id, here.Id);
        Assert.Equal(1, await CountAsync("SELECT count(*) FROM orchestrator.document_source WHERE key = $1", key));
    }

    [Fact]
    [Trait("Requirement", "DOC-2")]
    public async Task A_newer_version_supersedes_what_is_still_under_way_of_the_older_one()
    {
        var key = Shared.Unique("tenants/newer") + "/a.xml";
        await Node.PutAsync(key, Different(key));
        var older = await Eventually.IsAsync(() => StoredAsync(key), document => document.Status is DocumentStatus.NeedsReview, "the older version waits for a person");

        await Node.PutAsync(key, Different(key + "2"));

        var superseded = await Eventually.IsAsync(async () => (await Node.DocumentsAsync()).Single(document => document.Id == older.Id),
            document => document.Status is DocumentStatus.Superseded, "the older version is superseded");
        Assert.Equal("NewerVersion", superseded.ReasonCode);
        Assert.Equal(2, await CountAsync("SELECT count(*) FROM orchestrator.document_source WHERE key = $1", key));
    }

    [Fact]
    [Trait("Requirement", "DOC-1")]
    [Trait("Requirement", "DOC-2")]
    public async Task A_mail_that_comes_by_both_ways_is_one_source_and_its_attachments_are_documents()
    {
        await Node.S3.PutBucketAsync("ap-inbox");
        const string key = "ses/inbound/q8v2h0k6sample22invoicesinboundmail00000001";
        await Node.StoreAsync("ap-inbox", key, await File.ReadAllBytesAsync(Path.Combine(Samples, "mail", Path.GetFileName(key))));

        foreach (var notice in (string[])["s3-object-created-mail.json", "ses-received.json", "ses-received.sns.json"])
            await Node.NotifyAsync(await File.ReadAllTextAsync(Path.Combine(Samples, "events", notice)));
        await StoredAsync(key);
        await EmptyAsync();

        Assert.Equal(1, await CountAsync("SELECT count(*) FROM orchestrator.document_source WHERE key = $1", key));
        Assert.True(await CountAsync("SELECT count(*) FROM orchestrator.document d JOIN orchestrator.document_source s ON s.id = d.source_id WHERE s.key = $1 AND d.part_path <> ''", key) > 0);
    }

    [Fact]
    [Trait("Requirement", "DOC-2")]
    public async Task The_same_file_under_another_name_is_linked_to_the_first_and_not_worked_on_again()
    {
        var tenant = Shared.Unique("tenants/same");
        var first = await Node.PutAsync($"{tenant}/a.xml", Different(tenant));
        var original = await StoredAsync(first.Key);

        var second = await Node.PutAsync($"{tenant}/b.xml", Different(tenant));
        var copy = await StoredAsync(second.Key);

        Assert.Equal((DocumentStatus.Duplicate, "SameContent", original.Id), (copy.Status, copy.ReasonCode, copy.DuplicateOf));
        Assert.Equal(0, await CountAsync("SELECT count(*) FROM orchestrator.job WHERE dedupe_key = $1", $"ingest:{copy.Id:D}:1"));
    }

    [Fact]
    [Trait("Requirement", "DOC-2")]
    public async Task An_object_that_was_replaced_before_it_was_fetched_is_not_taken_for_the_one_that_was_named()
    {
        var key = Shared.Unique("tenants/replaced") + "/a.xml";
        await Node.StoreAsync(Node.Bucket, key, Different(key));
        var named = await EtagAsync(key);
        await Node.StoreAsync(Node.Bucket, key, Different(key + "2"));

        await Node.NotifyAsync(Event("ObjectCreated:Put", key, named));
        await EmptyAsync();

        Assert.Equal(1, await CountAsync("SELECT count(*) FROM orchestrator.document_source WHERE key = $1 AND status = 'replaced'", key));
        Assert.Null(await FindAsync(key));
    }

    [Fact]
    [Trait("Requirement", "DOC-5")]
    public async Task A_mail_with_a_virus_is_refused_also_when_only_the_mail_itself_says_so()
    {
        var key = "ses/inbound/" + Shared.Unique("virus");
        await Node.StoreAsync(Node.Bucket, key, "X-SES-Virus-Verdict: FAIL\nContent-Type: application/xml; name=a.xml\n\n<Invoice/>"u8.ToArray());

        await Node.NotifyAsync(Event("ObjectCreated:Put", key, await EtagAsync(key)));

        var refused = await StoredAsync(key);
        Assert.Equal((DocumentStatus.Failed, "VirusFail", null), (refused.Status, refused.ReasonCode, refused.Sha256));
    }

    [Fact]
    [Trait("Requirement", "DOC-5")]
    public async Task A_kept_file_that_somebody_wrote_over_is_not_read()
    {
        using var folder = new TemporaryFolder();
        var path = Path.Combine(folder.Path, "kept");
        await File.WriteAllBytesAsync(path, Different(folder.Path));
        var bucket = Node.Node.Services.GetRequiredService<DocumentBucket>();
        var kept = await DocumentBucket.OfAsync(path, default);
        await bucket.KeepAsync(kept, default);
        await bucket.FetchAsync(kept.Sha256, path, default);

        await Node.StoreAsync(Node.Bucket, "blobs/" + kept.Sha256, "something else"u8.ToArray());

        await Assert.ThrowsAsync<InvalidDataException>(() => bucket.FetchAsync(kept.Sha256, path, default));
    }

    private async Task<DocumentRow> StoredAsync(string key) => await Eventually.IsAsync(async () => await FindAsync(key), document => document is not null, $"{key} is stored") ?? throw new InvalidOperationException();

    private async Task<DocumentRow?> FindAsync(string key)
    {
        await using var command = Node.Node.Database.CreateCommand(
            "SELECT d.id FROM orchestrator.document d JOIN orchestrator.document_source s ON s.id = d.source_id WHERE s.key = $1 ORDER BY d.seq LIMIT 1");
        command.Parameters.AddWithValue(key);
        if (await command.ExecuteScalarAsync() is not Guid id)
            return null;
        await using var connection = await Node.Node.Database.OpenConnectionAsync();
        return await DocumentLedger.GetAsync(connection, id, default);
    }

    private Task<long> CountAsync(string sql, params object[] parameters) => Node.Node.ScalarAsync<long>(sql, parameters);

    private Task EmptyAsync() => Eventually.IsAsync(() => Node.Queues.CountAsync(Node.AcquisitionQueue), count => count == 0, "the acquisition queue is empty");

    private async Task<int> ErrorsAsync() => await Node.Queues.ExistsAsync(Node.AcquisitionQueue + "_error") ? await Node.Queues.CountAsync(Node.AcquisitionQueue + "_error") : 0;

    private async Task<string> EtagAsync(string key) => (await Node.S3.GetObjectMetadataAsync(Node.Bucket, key)).ETag.Trim('"');

    private async Task<IDisposable> HoldAllAsync()
    {
        var held = new List<IDisposable>();
        while (held.Count < Node.Permits.Size)
            held.Add(await Node.Permits.TakeAsync(default));
        return new Held(held);
    }

    /// <summary>An invoice that no other test has: it needs a person, since nobody ordered anything.</summary>
    private static byte[] Different(string mark) => System.Text.Encoding.UTF8.GetBytes(
        File.ReadAllText(Path.Combine(Samples, "xml", "26-3301.ubl.xml")).Replace("26-3301", "X-" + Convert.ToHexString(System.Text.Encoding.UTF8.GetBytes(mark))[^20..], StringComparison.Ordinal));

    private string Event(string name, string key, string etag = "0123456789abcdef0123456789abcdef") => JsonSerializer.Serialize(new
    {
        Records = new[]
        {
            new { eventVersion = "2.1", eventSource = "aws:s3", eventName = name, s3 = new { bucket = new { name = Node.Bucket }, @object = new { key, size = 10, eTag = etag } } },
        },
    });

    private sealed class Held(List<IDisposable> permits) : IDisposable
    {
        public void Dispose() => permits.ForEach(permit => permit.Dispose());
    }
}
