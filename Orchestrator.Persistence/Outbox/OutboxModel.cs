using Microsoft.EntityFrameworkCore;

namespace Orchestrator.Persistence.Outbox;

/// <summary>The mapping of the outbox, for the context of any service.</summary>
public static class OutboxModel
{
    /// <summary>
    /// Maps <see cref="OutboxRow"/> to <c>orchestrator.outbox</c>. The column <c>seq</c> is left out on purpose: reading it back would turn the
    /// batch of plain inserts into one with results.
    /// </summary>
    public static ModelBuilder AddOutbox(this ModelBuilder model)
    {
        model.Entity<OutboxRow>(row =>
        {
            row.ToTable("outbox", "orchestrator");
            row.HasKey(outbox => outbox.MessageId).HasName("pk_outbox");
            row.HasIndex(outbox => new { outbox.OwnerId, outbox.DueAt }).HasDatabaseName("ix_outbox_owner_due");
            row.HasIndex(outbox => outbox.ExpirationTime).HasDatabaseName("ix_outbox_expiration").HasFilter("expiration_time IS NOT NULL");
            row.Property(outbox => outbox.MessageId).HasColumnName("message_id").ValueGeneratedNever();
            row.Property(outbox => outbox.OwnerId).HasColumnName("owner_id");
            row.Property(outbox => outbox.CreatedAt).HasColumnName("created_at");
            row.Property(outbox => outbox.DueAt).HasColumnName("due_at");
            row.Property(outbox => outbox.Attempts).HasColumnName("attempts");
            row.Property(outbox => outbox.Destination).HasColumnName("destination");
            row.Property(outbox => outbox.ContentType).HasColumnName("content_type");
            row.Property(outbox => outbox.MessageType).HasColumnName("message_type");
            row.Property(outbox => outbox.Body).HasColumnName("body");
            row.Property(outbox => outbox.Headers).HasColumnName("headers");
            row.Property(outbox => outbox.Properties).HasColumnName("properties");
            row.Property(outbox => outbox.ConversationId).HasColumnName("conversation_id");
            row.Property(outbox => outbox.CorrelationId).HasColumnName("correlation_id");
            row.Property(outbox => outbox.InitiatorId).HasColumnName("initiator_id");
            row.Property(outbox => outbox.RequestId).HasColumnName("request_id");
            row.Property(outbox => outbox.SourceAddress).HasColumnName("source_address");
            row.Property(outbox => outbox.ResponseAddress).HasColumnName("response_address");
            row.Property(outbox => outbox.FaultAddress).HasColumnName("fault_address");
            row.Property(outbox => outbox.SentTime).HasColumnName("sent_time");
            row.Property(outbox => outbox.ExpirationTime).HasColumnName("expiration_time");
        });
        return model;
    }
}
