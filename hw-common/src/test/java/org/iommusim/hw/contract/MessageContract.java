package org.iommusim.hw.contract;

import static org.assertj.core.api.Assertions.assertThat;

import org.iommusim.hw.contract.FaultSeen.Kind;
import org.iommusim.hw.dma.DmaOutcome;
import org.iommusim.hw.dma.DmaRequest;
import org.junit.jupiter.api.Test;

/** Interrupt messages: remapped by entries that are cached, or, where an architecture does not know them, writes like others. */
public abstract class MessageContract extends Contract {
    private static final int VECTOR = 0x31;
    private static final int NEXT = 0x32;

    protected MessageContract(Vendor vendor) {
        super(vendor);
    }

    private DmaRequest message(long address) {
        return machine.dma(machine.message(FUNCTION, address));
    }

    private void arrives(Messages messages, int vector) {
        arrives(messages, FUNCTION, vector);
    }

    private void arrives(Messages messages, int function, int vector) {
        DmaRequest message = machine.dma(machine.message(function, messages.address(function)));
        assertThat(message.outcome()).isEqualTo(DmaOutcome.INTERRUPT);
        assertThat(message.data()).isEqualTo(messages.data(vector));
    }

    @Test
    void shouldRemapMessages() {
        Space space = attached(1);
        Messages messages = bed.messages().orElse(null);
        if (messages == null) {
            space.map(IOVA, OLD);
            assertThat(message(IOVA + 0x40).physicalAddress())
                    .as("it is a write")
                    .isEqualTo(OLD + 0x40);
            return;
        }
        messages.remap(FUNCTION, VECTOR);
        arrives(messages, VECTOR);
        assertThat(bed.faults().take()).isEmpty();
    }

    @Test
    void shouldCacheEntriesUntilTheyAreForgotten() {
        Space space = attached(1);
        Messages messages = bed.messages().orElse(null);
        if (messages == null) {
            space.map(IOVA, OLD);
            assertThat(message(IOVA).physicalAddress()).isEqualTo(OLD);
            space.map(IOVA, NEW);
            assertThat(message(IOVA).physicalAddress()).as("by a cached page").isEqualTo(OLD);
            return;
        }
        messages.remap(FUNCTION, VECTOR);
        arrives(messages, VECTOR);
        messages.remap(FUNCTION, NEXT);
        arrives(messages, VECTOR);
        messages.forget(FUNCTION);
        complete();
        arrives(messages, NEXT);
    }

    @Test
    void shouldForgetEntriesOfOneFunctionOnly() {
        Space space = attached(1);
        bed.attach(OTHER, space);
        Messages messages = bed.messages().orElse(null);
        if (messages == null) {
            space.map(IOVA, OLD);
            assertThat(message(IOVA).physicalAddress()).isEqualTo(OLD);
            return;
        }
        for (int vector : new int[] {VECTOR, NEXT}) {
            messages.remap(FUNCTION, vector);
            messages.remap(OTHER, vector);
            arrives(messages, FUNCTION, VECTOR);
            arrives(messages, OTHER, VECTOR);
        }
        messages.forget(FUNCTION);
        complete();
        arrives(messages, FUNCTION, NEXT);
        arrives(messages, OTHER, VECTOR);
    }

    @Test
    void shouldRefuseMessagesWithoutAnEntry() {
        attached(1);
        Messages messages = bed.messages().orElse(null);
        if (messages == null) {
            isRefused(message(IOVA));
            assertThat(bed.faults().take()).extracting(FaultSeen::kind).containsExactly(Kind.ABSENT);
            return;
        }
        messages.clear(FUNCTION);
        isRefused(message(messages.address(FUNCTION)));
        assertThat(bed.faults().take()).extracting(FaultSeen::function).containsExactly(FUNCTION);
        messages.remap(FUNCTION, VECTOR);
        messages.forget(FUNCTION);
        complete();
        arrives(messages, VECTOR);
    }
}
