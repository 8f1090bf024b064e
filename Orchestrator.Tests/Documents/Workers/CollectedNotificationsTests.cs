using Orchestrator.Persistence.Documents;
using Orchestrator.Tests.Infrastructure;

namespace Orchestrator.Tests.Documents.Workers;

/// <summary>Notifications and mails as AWS wrote them, on a node that only acquires: what it stores stays as it was received.</summary>
public sealed class CollectedNotificationsTests : IAsyncLifetime
{
    private const string AwsBucket = "orcha-ap-inbox-eu-central-1";
    private DocumentNode _node = null!;

    private static string Folder => Path.Combine(SharedData.Root!, "invoices");

    public async Task InitializeAsync() => _node = await DocumentNode.StartAsync(new Dictionary<string, string?> { ["Lanes:ingestion:Enabled"] = "false" });

    public async Task DisposeAsync() => await _node.DisposeAsync();

    [SharedDataFact]
    [Trait("Requirement", "DOC-1")]
    [Trait("Requirement", "DOC-2")]
    public async Task A_put_and_its_redelivery_are_one_source_and_a_newer_version_supersedes_it()
    {
        const string key = "tenants/acme/manual/2025-11-05/Rechnungen März + April (22).pdf";
        await _node.StoreAsync(_node.Bucket, key, await File.ReadAllBytesAsync(Path.Combine(Folder, "merged", "incident-22-invoices.pdf")));

        await NotifyAsync("s3-object-created-put.json");
        await NotifyAsync("s3-object-created-put.redelivery.json");
        await NotifyAsync("s3-test-event.json");
        await NotifyAsync("s3-object-removed.json");
        await EmptyAsync();
        var first = Assert.Single(await _node.DocumentsAsync());
        Assert.Equal((DocumentStatus.Received, "acme"), (first.Status, first.Tenant));

        await NotifyAsync("s3-object-created-put.newer-version.json");
        await EmptyAsync();
        var both = await _node.DocumentsAsync();
        Assert.Equal([(first.Id, DocumentStatus.Superseded), (both[^1].Id, DocumentStatus.Received)], both.Select(document => (document.Id, document.Status)));
        Assert.Equal(2, await _node.JobsAsync("ingestion", "Queued"));
    }

    [SharedDataFact]
    [Trait("Requirement", "DOC-1")]
    public async Task Each_record_of_a_message_is_a_source_of_its_own()
    {
        await NotifyAsync("s3-multi-record.json", await StoredAsync("tenants/acme/manual/a.pdf", "saeco.pdf", "5f91b87d1e8b78ff63e5aa4a0041ae01"), await StoredAsync("tenants/acme/manual/b c.pdf", "oyo.pdf", "0e2a694564872cf4f16357fc63897abb"));
        await EmptyAsync();

        Assert.Equal(["a.pdf", "b c.pdf"], (await _node.DocumentsAsync()).Select(document => document.FileName));
    }

    [SharedDataFact]
    [Trait("Requirement", "DOC-1")]
    [Trait("Requirement", "DOC-2")]
    public async Task Mails_give_their_attachments_once_whichever_way_they_are_notified()
    {
        const string greeting = "AMAZON_SES_SETUP_NOTIFICATION";
        foreach (var mail in Directory.EnumerateFiles(Path.Combine(Folder, "email")))
            await _node.PutFileAsync("ses/inbound/" + Path.GetFileName(mail), mail);
        foreach (var notice in (string[])["s3-ses-object-created-put.json", "ses-received-s3-action.json", "sqs-body-sns-envelope-of-ses.json", "ses-received-virus-fail.json"])
            await NotifyAsync(notice);
        await EmptyAsync();

        var perMail = (await _node.DocumentsAsync()).GroupBy(document => document.SourceId).Select(parts => parts.Count()).Order();
        Assert.Equal([1, 1, 3], perMail);
        Assert.Equal(3, await _node.Node.ScalarAsync<long>("SELECT count(*) FROM orchestrator.document_source WHERE kind = 'mail' AND status = 'stored' AND key NOT LIKE '%' || $1", greeting));
    }

    [SharedDataFact]
    [Trait("Requirement", "DOC-5")]
    public async Task A_mail_with_a_virus_is_recorded_and_not_fetched()
    {
        await NotifyAsync("ses-received-virus-fail.json");
        await EmptyAsync();

        var refused = Assert.Single(await _node.DocumentsAsync());
        Assert.Equal((DocumentStatus.Failed, "VirusFail", null), (refused.Status, refused.ReasonCode, refused.Sha256));
    }

    private async Task<(string Was, string Is)> StoredAsync(string key, string file, string etag)
    {
        await _node.StoreAsync(_node.Bucket, key, await File.ReadAllBytesAsync(Path.Combine(Folder, "pdf-text", file)));
        return (etag, (await _node.S3.GetObjectMetadataAsync(_node.Bucket, key)).ETag.Trim('"'));
    }

    private async Task NotifyAsync(string name, params (string Was, string Is)[] changes)
    {
        var body = (await File.ReadAllTextAsync(Path.Combine(Folder, "events", name))).Replace(AwsBucket, _node.Bucket, StringComparison.Ordinal);
        await _node.NotifyAsync(changes.Aggregate(body, (text, change) => text.Replace(change.Was, change.Is, StringComparison.Ordinal)));
    }

    private Task EmptyAsync() => Eventually.IsAsync(() => _node.Queues.CountAsync(_node.AcquisitionQueue), left => left == 0, "the acquisition queue is empty");
}
