using Npgsql;
using Orchestrator.Persistence.Documents;
using Orchestrator.Service.Dispatch;
using Orchestrator.Service.Documents.Acquisition.Mail;
using Orchestrator.Service.Documents.Processes;
using Orchestrator.Service.Documents.Reading;
using Orchestrator.Service.Documents.Storage;
using Orchestrator.Service.Ingress;

namespace Orchestrator.Service.Documents.Acquisition;

/// <summary>Pulls one object and stores it: files into the bucket first, then source, documents and ingestion jobs in one transaction.</summary>
internal sealed class Acquirer(
    NpgsqlDataSource database, DocumentBucket bucket, Intake intake, WorkSignal signal, DocumentsOptions options, TimeProvider time, ILogger<Acquirer> log)
{
    public Task CarryOutAsync(AcquisitionDecision decision, CancellationToken cancellation) => decision switch
    {
        AcquisitionDecision.Pull pull => PullAsync(pull.Notice, cancellation),
        AcquisitionDecision.Refuse refuse => RefuseAsync(refuse, cancellation),
        _ => Task.CompletedTask,
    };

    private async Task PullAsync(ObjectNotice notice, CancellationToken cancellation)
    {
        // A redelivery ends here, before anything is asked of S3.
        if (notice.Identity is { } named && await IsHereAsync(named, cancellation))
            return;

        var current = notice.Identity is null || notice.VersionId is not null ? await bucket.LookAsync(notice.Bucket, notice.Key, cancellation) : null;
        var identity = notice.Identity ?? current ?? Unseen(notice);
        if (notice.Identity is null && await IsHereAsync(identity, cancellation))
            return;

        using var folder = WorkFolder.Create();
        var pulled = notice.Identity is null && current is null ? new PulledObject.Gone()
            : IsOlder(notice, current) ? new PulledObject.Replaced()
            : await bucket.PullAsync(notice, identity, folder.File("object"), options.Reading.MaxBytes, cancellation);
        switch (pulled)
        {
            case PulledObject.Here here when notice.Kind is ObjectKind.Mail:
                await StoreMailAsync(notice, identity, here.File, folder, cancellation);
                break;
            case PulledObject.Here here:
                await bucket.KeepAsync(here.File, cancellation);
                await CommitAsync(Source(notice, identity, "stored"), [Part("", FileName(notice.Key), here.File)], cancellation);
                break;
            case PulledObject.TooLarge large:
                await NoteAsync(notice, identity, "refused", nameof(ReadFailure.TooLarge), $"{ReadFailure.TooLarge.Sentence()} It has {large.Bytes} bytes.", cancellation);
                break;
            case PulledObject.Gone:
                await NoteAsync(notice, identity, "gone", "SourceGone", "The object was deleted before it could be fetched; ask the sender to send it again.", cancellation);
                break;
            case PulledObject.Replaced:
                // What stands there now has a notification of its own.
                await CommitAsync(Source(notice, identity, "replaced") with { ReasonCode = "NewerVersion", Reason = "Something else stood under its key before it could be fetched." }, [], cancellation);
                break;
        }
    }

    private async Task RefuseAsync(AcquisitionDecision.Refuse refuse, CancellationToken cancellation)
    {
        var notice = refuse.Notice;
        var identity = notice.Identity ?? await bucket.LookAsync(notice.Bucket, notice.Key, cancellation) ?? Unseen(notice);
        await NoteAsync(notice, identity, "refused", refuse.Code, refuse.Reason, cancellation);
    }

    private async Task StoreMailAsync(ObjectNotice notice, ObjectIdentity identity, StoredFile file, WorkFolder folder, CancellationToken cancellation)
    {
        if (file.Bytes > options.Mail.MaxBytes)
        {
            await NoteAsync(notice, identity, "refused", nameof(ReadFailure.TooLarge), $"The mail has {file.Bytes} bytes and at most {options.Mail.MaxBytes} are read (Documents:Mail:MaxBytes).", cancellation);
            return;
        }

        var reading = MailReader.Read(await File.ReadAllBytesAsync(file.Path, cancellation), options.Mail);
        if (reading is MailReading.Refused refused)
        {
            await NoteAsync(notice, identity, "refused", refused.Code, refused.Reason, cancellation);
            return;
        }

        var mail = (MailReading.Read)reading;
        if (mail.Head.VirusVerdict is "FAIL")
        {
            await NoteAsync(notice, identity, "refused", "VirusFail", "SES found a virus in the mail. It stays in the bucket; ask the sender for a clean copy.", cancellation);
            return;
        }

        var parts = new List<NewDocument>();
        foreach (var attached in mail.Documents)
        {
            var path = folder.File("part-" + attached.PartPath);
            await File.WriteAllBytesAsync(path, attached.Content, cancellation);
            var stored = await DocumentBucket.OfAsync(path, cancellation);
            await bucket.KeepAsync(stored, cancellation);
            parts.Add(Part(attached.PartPath, attached.FileName ?? $"part {attached.PartPath}", stored));
        }

        if (parts.Count == 0)
        {
            parts.Add(Unread(mail.Head.Subject ?? "mail", DocumentStatus.NeedsReview, "NoDocuments",
                mail.Skipped.Count == 0 ? "Nothing is attached to the mail." : $"Nothing in the mail can be read: {string.Join(" ", mail.Skipped.Select(skipped => $"{skipped.FileName ?? skipped.ContentType}: {skipped.Reason}"))}"));
        }

        var head = StoredJson.Write(new { mail.Head.MessageId, mail.Head.Subject, mail.Head.From, mail.Skipped, notice.Verdicts });
        await CommitAsync(Source(notice, identity, "stored") with { MailHead = head }, parts, cancellation);
    }

    /// <summary>Records an object that there is nothing to read of, with a document for the people who wait for it.</summary>
    private Task NoteAsync(ObjectNotice notice, ObjectIdentity identity, string status, string code, string reason, CancellationToken cancellation)
    {
        log.NotAcquired(identity, code, reason);
        return CommitAsync(Source(notice, identity, status) with { ReasonCode = code, Reason = reason }, [Unread(FileName(notice.Key), DocumentStatus.Failed, code, reason)], cancellation);
    }

    private async Task CommitAsync(SourceRow source, IReadOnlyList<NewDocument> parts, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);

        // Two deliveries at once meet here: the second waits for the first to commit, and then inserts nothing.
        if (await DocumentLedger.InsertSourceAsync(connection, source, cancellation) is not { } id)
            return;

        await DocumentLedger.ForgetUnreadAsync(connection, id, cancellation);
        var superseded = source.Status == "stored" ? await DocumentLedger.SupersedeOlderAsync(connection, source, id, source.ReceivedAt, cancellation) : 0;
        var documents = new List<NewDocument>(parts.Count);
        foreach (var part in parts)
        {
            var first = part.Sha256 is { } sha256 && options.Acquisition.SkipKnownContent
                ? await DocumentLedger.FindSameContentAsync(connection, source.Tenant, sha256, cancellation)
                : null;
            documents.Add((first is null ? part : part with
            {
                Status = DocumentStatus.Duplicate,
                DuplicateOf = first,
                ReasonCode = "SameContent",
                Reason = "The same file was sent before, byte for byte; the first one is worked on.",
            }) with { SourceId = id, Tenant = source.Tenant });
        }

        if (documents.Count > 0)
            await DocumentLedger.InsertAsync(connection, documents, source.ReceivedAt, cancellation);
        var jobs = documents.Where(document => document.Status is DocumentStatus.Received).Select(document => DocumentJobs.Ingest(document.Id, 1)).ToList();
        if (jobs.Count > 0)
            await intake.InsertAsync(connection, jobs, source.ReceivedAt, cancellation);

        // A crash before this line stores nothing and the message comes again. After it the message comes again as well, is known, and is deleted.
        await transaction.CommitAsync(cancellation);

        if (jobs.Count > 0)
            signal.Submitted(DocumentJobs.Ingestion);
        if (source.Status == "stored")
            log.Acquired(new ObjectIdentity(source.Bucket, source.Key, source.Version), documents.Count, superseded);
    }

    private async Task<bool> IsHereAsync(ObjectIdentity identity, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        if (await DocumentLedger.FindSourceAsync(connection, identity.Bucket, identity.Key, identity.Version, cancellation) is null)
            return false;
        log.AlreadyHere(identity);
        return true;
    }

    private SourceRow Source(ObjectNotice notice, ObjectIdentity identity, string status)
    {
        var now = time.GetUtcNow();
        return new SourceRow(Guid.CreateVersion7(now), Tenant.Of(notice.Key, options.Acquisition), identity.Bucket, identity.Key, identity.Version,
            notice.Kind is ObjectKind.Mail ? "mail" : "file", status)
        {
            Sequencer = notice.Sequencer,
            SesMessageId = notice.SesMessageId,
            ReceivedAt = now,
        };
    }

    private NewDocument Part(string path, string fileName, StoredFile file) =>
        new(Guid.CreateVersion7(time.GetUtcNow()), Guid.Empty, "", path, StoredJson.Storable(fileName)!, file.Sha256, file.Bytes);

    private NewDocument Unread(string fileName, DocumentStatus status, string code, string reason) =>
        new(Guid.CreateVersion7(time.GetUtcNow()), Guid.Empty, "", "", StoredJson.Storable(fileName)!, null, null) { Status = status, ReasonCode = code, Reason = reason };

    /// <summary>Only a bucket that keeps versions can tell; elsewhere the etag of the fetch does.</summary>
    private static bool IsOlder(ObjectNotice notice, ObjectIdentity? current) =>
        notice is { VersionId: not null, Identity: { } named } && current is not null && current.Version != named.Version && current.Version != notice.ETag;

    private static ObjectIdentity Unseen(ObjectNotice notice) => new(notice.Bucket, notice.Key, "unknown");

    private static string FileName(string key) => key[(key.LastIndexOf('/') + 1)..] is { Length: > 0 } name ? name : key;
}
