package org.iommusim.amdvi;

import org.iommusim.amdvi.spec.Control;
import org.iommusim.amdvi.spec.Reg;
import org.iommusim.hw.control.InterruptMessage;
import org.iommusim.hw.iommu.InterruptSink;
import org.iommusim.hw.walk.RequestPort;
import org.iommusim.sim.event.Scheduler;
import org.iommusim.sim.memory.PhysicalMemory;

/**
 * One interrupt of the unit itself. With IntCapXTEn its message is made of the x2APIC register of its kind; else it is that of
 * the MSI capability. If that was never set up among the registers, software has done so in the configuration space, which the
 * model does not have: the message goes to the interrupt range then.
 *
 * <p>What comes up while a message is on its way is told by another one behind it.
 */
final class UnitInterrupt {
    private final RegisterFile registers;
    private final int xtRegister;
    private final InterruptMessage message;
    private boolean again;

    /**
     * Nothing is under way.
     *
     * @param xtRegister offset of its x2APIC register
     * @param source name of the interrupt for whoever receives it
     */
    UnitInterrupt(
            Scheduler scheduler,
            String name,
            RegisterFile registers,
            RequestPort port,
            PhysicalMemory memory,
            int xtRegister,
            String source) {
        this.registers = registers;
        this.xtRegister = xtRegister;
        message = new InterruptMessage(scheduler, name, source, port, memory, this::arrived);
    }

    void connect(InterruptSink sink) {
        message.connect(sink);
    }

    /** A condition is to be told. */
    void raise() {
        if (message.underWay()) {
            again = true;
        } else if (Control.INT_CAP_XT_EN.isSet(registers.control())) {
            long xt = registers.get(xtRegister);
            message.send(x2apicAddress(xt), x2apicData(xt));
        } else {
            sendMsi(registers.get(RegisterFile.MSI_ADDRESS_WORD), registers.get(RegisterFile.MSI_DATA_WORD));
        }
    }

    /** Address of a message by an x2APIC register: bits 31:8 of the destination are bits 63:40. */
    static long x2apicAddress(long xt) {
        long destination = Reg.XT_DEST_LO.get(xt) | Reg.XT_DEST_HI.get(xt) << 24;
        return InterruptMessage.INTERRUPT_RANGE
                | (destination & 0xff) << 12
                | Reg.XT_DEST_MODE.get(xt) << 2
                | destination >>> 8 << 40;
    }

    /** Data of a message by an x2APIC register. */
    static int x2apicData(long xt) {
        return (int) (Reg.XT_VECTOR.get(xt) | Reg.XT_DELIVERY_MODE.get(xt) << 8);
    }

    private void sendMsi(long addressWord, long dataWord) {
        long address = addressWord >>> 32 | dataWord << 32;
        message.send(address == 0 ? InterruptMessage.INTERRUPT_RANGE : address, (int) (dataWord >>> 32));
    }

    private void arrived() {
        if (again) {
            again = false;
            raise();
        }
    }
}
