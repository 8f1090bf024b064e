namespace Orchestrator.Service.Documents.Acquisition;

/// <summary>
/// What makes two notifications speak of the same object: bucket, key, and the version, or the etag where the bucket keeps
/// no versions. Unique in the database; so a redelivery, and the two routes of one mail (S3's event and SES's notice), end
/// as one source. Sequencers are kept for people and not compared: the documentation disagrees on how to pad them.
/// </summary>
public sealed record ObjectIdentity(string Bucket, string Key, string Version)
{
    /// <summary>Null where neither a version nor an etag is known yet: SES names none, a HEAD request does.</summary>
    public static ObjectIdentity? Of(string bucket, string key, string? versionId, string? etag)
    {
        // A bucket whose versioning was switched off calls its objects' version "null".
        var version = versionId is null or "" or "null" ? etag?.Trim('"') : versionId;
        return string.IsNullOrEmpty(version) ? null : new(bucket, key, version);
    }

    public override string ToString() => $"s3://{Bucket}/{Key}@{Version}";
}
