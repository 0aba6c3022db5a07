package dev.purekv.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.purekv.NoNativeLeak;
import dev.purekv.ServingException;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(NoNativeLeak.class)
class ComputeDeviceTest {
    @Test
    void makesFloatsOfTheGivenShape() {
        Tensor tensor = ComputeDevice.CPU.floats(new float[] {1, 2, 3, 4, 5, 6}, 2, 3);
        assertThat(tensor.shape()).containsExactly(2, 3);
        assertThat(tensor.select(0, 1).select(0, 0).item_float()).isEqualTo(4);
    }

    @Test
    void makesIndicesOf64Bits() {
        Tensor tensor = ComputeDevice.CPU.indices(3, 1);
        assertThat(tensor.scalar_type().intern()).isEqualTo(ScalarType.Long);
        assertThat(tensor.data_ptr_long().get(1)).isEqualTo(1);
    }

    @Test
    void doesNotCopyWhatIsInPlaceAlready() {
        Tensor tensor = ComputeDevice.CPU.empty(4);
        assertThat(ComputeDevice.CPU.place(tensor).data_ptr().address())
                .isEqualTo(tensor.data_ptr().address());
    }

    @Test
    void saysThatADeviceIsNotHere() {
        ComputeDevice.CPU.requirePresent();
        assertThatThrownBy(() -> new ComputeDevice("cuda:99").requirePresent())
                .isInstanceOf(ServingException.class)
                .hasMessageContaining("cuda:99 is not here");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "gpu", "cuda:", "cuda:x", "cpu:0x", "CPU"})
    void refusesADeviceThatCannotBe(String name) {
        assertThatThrownBy(() -> new ComputeDevice(name))
                .isInstanceOf(ServingException.class)
                .hasMessageContaining("got \"" + name + "\"");
    }
}
