using System.Net;
using System.Text.Json;
using static Orchestrator.Service.Documents.Acquisition.AcquisitionDecision;

namespace Orchestrator.Service.Documents.Acquisition;

internal static class S3Records
{
    /// <summary>SES writes this once when a rule is set up; it is a greeting, not a mail.</summary>
    internal const string SesGreeting = "AMAZON_SES_SETUP_NOTIFICATION";

    public static IReadOnlyList<AcquisitionDecision> Read(JsonElement records, AcquisitionOptions options)
    {
        if (records.ValueKind is not JsonValueKind.Array) return [new Unrecognised("Records is not a list.")];
        if (records.GetArrayLength() == 0) return [new Ignore("Records is empty.")];
        if (records.GetArrayLength() > options.MaxRecords)
            return [new Unrecognised($"The message holds {records.GetArrayLength()} records and at most {options.MaxRecords} are read (MaxRecords).")];
        return [.. records.EnumerateArray().Select((record, i) => Each(record, i, options))];
    }

    // A record that can't be read must not take its neighbours with it.
    private static AcquisitionDecision Each(JsonElement record, int position, AcquisitionOptions options)
    {
        try
        {
            return Record(record, options);
        }
        catch (Exception wrong) when (wrong is MissingPart or InvalidOperationException)
        {
            return new Unrecognised($"Records[{position}]: {wrong.Message}");
        }
    }

    private static AcquisitionDecision Record(JsonElement record, AcquisitionOptions options)
    {
        var (source, version, name) = (record.Needed("eventSource"), record.Needed("eventVersion"), record.Needed("eventName"));
        if (!source.EndsWith(":s3", StringComparison.Ordinal)) return new Unrecognised($"The event comes from '{source}', and only S3's are read.");
        // A minor version only adds fields.
        if (version.Split('.')[0] is not "2") return new Unrecognised($"The event has version '{version}', and versions 2.x are read.");
        var (s3, stored) = (record.Part("s3"), record.Part("s3").Part("object"));
        var bucket = JsonParts.Storable(s3.Part("bucket").Needed("name"), "name");
        var key = JsonParts.Storable(WebUtility.UrlDecode(stored.Needed("key")), "key"); // a form's encoding: + is a space
        if (Ignored(name, key, stored.Number("size"), options) is { } reason) return new Ignore(reason);
        var (versionId, etag) = (stored.Name("versionId"), stored.Name("eTag"));
        var kind = key.StartsWith(options.MailPrefix, StringComparison.Ordinal) ? ObjectKind.Mail : ObjectKind.File;
        return new Pull(new(bucket, key, ObjectIdentity.Of(bucket, key, versionId, etag), kind)
        {
            VersionId = versionId,
            ETag = etag,
            Size = stored.Number("size"),
            Sequencer = stored.Name("sequencer"),
        });
    }

    private static string? Ignored(string name, string key, long? size, AcquisitionOptions options)
    {
        var plain = name.StartsWith("s3:", StringComparison.Ordinal) ? name[3..] : name;
        if (!plain.StartsWith("ObjectCreated:", StringComparison.Ordinal)) return $"'{name}' creates no object.";
        return IgnoredKey(key, options) ?? (key.EndsWith('/') && size is 0 ? $"'{key}' only marks a folder." : null);
    }

    internal static string? IgnoredKey(string key, AcquisitionOptions options)
    {
        if (key.StartsWith(options.BlobPrefix, StringComparison.Ordinal)) return $"'{key}' is a file that we keep ourselves.";
        if (key.StartsWith(options.OutputPrefix, StringComparison.Ordinal)) return $"'{key}' is our own output.";
        return key[(key.LastIndexOf('/') + 1)..] is SesGreeting ? $"'{key}' is the greeting that SES writes when a rule is set up." : null;
    }
}
